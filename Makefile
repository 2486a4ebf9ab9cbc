# Thin: each goal calls one script. Everything runs without questions, as root or with sudo where packages are missing.
SHELL := /bin/bash
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR ?=
export PREFIX SYSCONFDIR DESTDIR PARTS

.PHONY: help build test lint demo install uninstall bench bench-deps bench-density bench-memory chaos soak soak-dense sanitize golden clean

help: ## show the goals
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## release products at .build/release/ (installs what the build needs)
	@scripts/build.sh

test: ## lint, every test, release build, self-tests, evaluation against the corpus
	@scripts/test.sh

lint: ## formatting and imports
	@scripts/lint.sh

demo: ## three simulated cameras, one known event, alerts delivered; writes demo/index.html
	@scripts/demo.sh

install: ## programs, models, systemd unit and user (PREFIX, SYSCONFDIR, DESTDIR)
	@scripts/install.sh

uninstall: ## what install put there, but not configuration and data
	@scripts/uninstall.sh

bench: ## every benchmark beside its peers, with a record in Benchmarks/Records/ (PARTS=vision,kernels,masks,events,variants)
	@scripts/bench.sh

bench-deps: ## what Snowline is measured against: motion, OpenCV
	@scripts/bench-deps.sh

bench-density: ## CPU a camera and second beside ffmpeg, motion, OpenCV; recall, latency, number of cameras (ARGS="--quick")
	@scripts/bench-density.sh $(ARGS)

bench-memory: ## what one more camera costs in memory, by size and mode (ARGS="--cells 704x576-strict")
	@scripts/camera-memory.sh $(ARGS)

chaos: ## snowlined, receivers and broker killed under 20,000 alerts: what is lost (QUICK=1: 2,000 alerts)
	@scripts/chaos.sh

soak: ## 16 simulated cameras for 10 minutes: CPU and memory per camera (CAMERAS=, MINUTES=)
	@scripts/soak.sh

soak-dense: ## 96 dense cameras that die, stall and come back, for 30 minutes (CAMERAS=, MINUTES=)
	@scripts/soak-dense.sh

sanitize: ## all tests under the thread and the address sanitizer (slow, by hand)
	@scripts/sanitize.sh

golden: ## rewrite the expected decisions of the golden replays; look at the difference before you commit
	@scripts/golden.sh

clean: ## build results, demo data, virtual environment
	@scripts/clean.sh
