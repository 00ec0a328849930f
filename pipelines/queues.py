"""The queues that every installation has beside those that people make, by their names."""

SERVICES_QUEUE = "services"
"""Where scripts that drive runs wait, unless they say another one."""

LOCAL_QUEUE = "local"
"""Of what runs where its script runs: no agent gets it."""
