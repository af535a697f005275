# Every task is one call of tools/dev.py; `python3 tools/dev.py TASK` does the same without make.
PYTHON ?= python3
ARGS ?=
DEV = $(PYTHON) tools/dev.py

.DEFAULT_GOAL := help
.PHONY: help book test notebooks lint versions browser jitter serve clean

help:  ## list the tasks
	@echo "Usage: make TASK      (settings: PYTHON=python3.12, ARGS='arguments of the task')"
	@sed -n 's/^\([a-z]*\):  *## \(.*\)/  make \1 \t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

book:  ## build the site into _build/html and check it; ARGS=09 only looks at chapter 9
	@$(DEV) book $(ARGS)

test:  ## run all tests, the notebooks among them; ARGS="-k corpus" runs some
	@$(DEV) test $(ARGS)

notebooks:  ## write the notebooks that Colab and Binder open
	@$(DEV) notebooks $(ARGS)

lint:  ## check style, formatting and types
	@$(DEV) lint

versions:  ## test the library on every Python, with the lowest and the newest packages
	@$(DEV) versions $(ARGS)

browser:  ## look at the built site through a headless Chromium
	@$(DEV) browser $(ARGS)

jitter:  ## ask which claims of the book hang on rounding; ARGS="07 --seeds 1" picks chapters, seeds
	@$(DEV) jitter $(ARGS)

serve:  ## serve the built site on this computer; ARGS=8001 picks the port
	@$(DEV) serve $(ARGS)

clean:  ## delete builds and caches, keep the environment
	@$(DEV) clean
