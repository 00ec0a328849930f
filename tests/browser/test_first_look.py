"""The first look: the link signs in once, and every page of the menu opens without a complaint."""

from playwright.sync_api import Page, expect

from tests.live_stack import LiveStack


def test_the_link_signs_in_once(stranger: Page, live_stack: LiveStack) -> None:
    link = live_stack.sign_in_link()
    stranger.goto(link)
    stranger.get_by_role("button", name="Sign in").click()
    stranger.wait_for_url(lambda url: "/sign-in/" not in url)

    stranger.context.clear_cookies()
    stranger.goto(link)
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("heading", name="This link is over")).to_be_visible()
    stranger.goto("/pipelines/")
    assert "/sign-in/" in stranger.url


def test_every_page_of_the_menu_opens(page: Page, sample: str) -> None:
    page.goto("/")
    menu = page.get_by_role("navigation", name="Main")
    expect(menu).to_be_visible()
    addresses = [
        address
        for link in menu.get_by_role("link").all()
        if (address := link.get_attribute("href")) and address.startswith("/")
    ]
    assert len(addresses) >= 3, addresses
    for address in dict.fromkeys(addresses):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
    page.goto("/pipelines/")
    expect(
        page.get_by_role("main").get_by_role("link", name="Flaky download").first
    ).to_be_visible()
