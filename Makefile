# What one does with this project; `make` prints the list. Nothing but Python 3.11 is needed first.

PYTHON ?= python3
BIN := .venv/bin
SETUP := $(PYTHON) -m pipelines_ui.local --setup

# A .env file is optional; .env.example lists what may stand in it.
-include .env
export $(shell sed -nE 's/^([A-Z_]+)=.*/\1/p' .env 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help run test quick setup serve controller agent tick demo bench chaos lint fix

help: ## print this list
	@sed -nE 's/^([a-z]+):.*## (.*)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) \
	  | while IFS='|' read -r name text; do printf '  %-12s %s\n' "$$name" "$$text"; done

run: ## everything for a first look: environment, database, sample, all processes, a sign-in link
	@exec $(PYTHON) -m pipelines_ui.local

test: setup ## everything that checks the product, setting up what it needs
	@$(BIN)/python tests/run_all.py

quick: setup ## the rules, the JavaScript and the house tests: seconds, no services
	@$(BIN)/python tests/run_all.py quick

setup: ## the developer's environment
	@$(SETUP) test

serve: setup ## the web process alone, reloading
	$(BIN)/uvicorn pipelines_ui.asgi:application --port $${PIPELINES_PORT:-8000} --reload \
	  --reload-include '*.html' --reload-include '*.css' --reload-include '*.js'

controller: setup ## a controller alone
	$(BIN)/python manage.py controller

agent: setup ## an agent of the default queue alone
	$(BIN)/python manage.py agent --queues default,services

tick: setup ## the tick alone
	$(BIN)/python manage.py tick

demo: setup ## empty the database, seed the sample and start a run of it
	$(BIN)/python manage.py migrate --verbosity 0
	$(BIN)/python manage.py flush --no-input
	$(BIN)/python manage.py seed_sample --run

bench: setup ## the budgets beside their yardsticks; rows and options in ARGS
	@$(BIN)/python -m bench $(ARGS)

chaos: setup ## break things at random moments: ROUNDS of each of KINDS (all), from SEED on, on a STACK
	@$(BIN)/python -m tests.chaos $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SEED),--seed $(SEED)) \
	  $(if $(KINDS),--kinds $(KINDS)) $(if $(STACK),--stack $(STACK))

lint: setup ## format, style, types, imports
	@$(BIN)/python tests/run_all.py lint

fix: setup ## repair what a program can repair
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
