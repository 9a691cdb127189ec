# Nightjar's verbs. Each installs what it needs and says so; running one twice does no harm.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
DATA ?= data
ARGS ?=
CLIPS ?= footage
RELEASE_KEY ?=
BUN := $(shell scripts/bun-path)

SOURCES := $(shell find src web scripts -type f -not -path 'web/dist/*' 2>/dev/null) package.json bun.lock
# Without autoload: a .env or bunfig.toml in the folder it is started from must not change what it does. --smol collects
# garbage a little earlier: 5-10 MB less with three cameras, at no cost that could be measured.
COMPILE = $(BUN) build --compile --minify --bytecode --format=esm --production --no-compile-autoload-dotenv \
	--no-compile-autoload-bunfig --compile-exec-argv="--smol" --define NIGHTJAR_VERSION='"$(VERSION)"'
VERSION := $(shell scripts/version)

.PHONY: help
help: ## List these verbs
	@echo "Nightjar: a camera appliance that you own."
	@echo
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "Start with: make run"

.PHONY: run
run: dist/nightjar ## Install what is missing, build, and start with the demo camera (DATA=folder, ARGS='--http …')
	@exec dist/nightjar run --data $(DATA) --demo $(ARGS)

.PHONY: test
test: ## Install what is missing, then types, lint, house rules, unit, integration and browser tests, and the Pi's executable
	@scripts/install test
	@scripts/test

.PHONY: test-proofs
test-proofs: ## What takes minutes by itself: every step of the disk fails in turn, kills at random moments
	@scripts/install test
	@scripts/test proofs

.PHONY: test-vm
test-vm: vm-image ## Boot the appliance's image and treat it badly: power cuts, crashes, full and damaged disks, updates
	@scripts/install test
	@scripts/test vm

.PHONY: test-unit
test-unit: node_modules/.installed web/dist/app.js ## Only what needs no camera, browser or mail server (seconds)
	@scripts/test unit

.PHONY: build
build: dist/nightjar ## dist/nightjar: one file for this machine

.PHONY: build-arm64
build-arm64: dist/nightjar-arm64 ## dist/nightjar-arm64: the same for 64-bit Raspberry Pi OS

.PHONY: vm-image
vm-image: dist/nightjar ## The appliance as a virtual machine image, into dist/vm (root or sudo; the first time takes minutes)
	@scripts/install vm
	@image/vm/build

.PHONY: vm
vm: vm-image ## Boot it: the page on http://localhost:8080, the state kept (HTTP=port HTTPS=port)
	@image/vm/run $(or $(HTTP),8080) $(or $(HTTPS),8443)

.PHONY: vm-reset
vm-reset: ## Throw the virtual machine's disk away: the next `make vm` is a first boot
	@image/vm/run reset

.PHONY: image
image: dist/nightjar-arm64 ## The SD card image for a Raspberry Pi, into dist/image (Docker or root; PI_GEN=folder for your own pi-gen)
	@scripts/install image
	@image/pi/build '$(PI_GEN)'

.PHONY: image-check
image-check: dist/nightjar-arm64 ## pi-gen's own build on a stand-in Debian, booted on two emulated boards (slow; root; PI_GEN=folder)
	@scripts/install image-check
	@image/pi/check '$(PI_GEN)'

.PHONY: release
release: ## Sign both executables as updates, into dist/release, and list what to publish (RELEASE_KEY=file)
	@# built anew: a tag changes the version without any source being newer
	@rm -f dist/nightjar dist/nightjar-arm64
	@$(MAKE) -s dist/nightjar dist/nightjar-arm64
	@$$(scripts/bun-path) scripts/release.ts pack --version '$(VERSION)' --key '$(RELEASE_KEY)' \
		$(if $(filter aarch64,$(shell uname -m)),,--built amd64=dist/nightjar) --built arm64=dist/nightjar-arm64 $(ARGS)

.PHONY: release-key
release-key: node_modules/.installed ## Make the key that signs updates, once, outside the checkout (RELEASE_KEY=file)
	@$$(scripts/bun-path) scripts/release.ts key --key '$(RELEASE_KEY)'

.PHONY: bench
bench: dist/nightjar ## Measure the numbers of docs/reference/performance.md
	@scripts/install test
	@$$(scripts/bun-path) scripts/bench.ts $(ARGS)

.PHONY: bench-motion
bench-motion: ## Nightjar, Motion and pixelmatch on labelled clips, side by side (CLIPS=folder, ARGS='--per-clip …')
	@[ -f '$(CLIPS)/labels.json' ] || { echo "There is no $(CLIPS)/labels.json: name a folder of labelled clips with make bench-motion CLIPS=folder" >&2; exit 2; }
	@$(MAKE) -s dist/nightjar
	@scripts/install test
	@$$(scripts/bun-path) scripts/bench-motion.ts --clips '$(CLIPS)' $(ARGS)

.PHONY: screenshots
screenshots: dist/nightjar ## Every page at two widths, light and dark, into dist/screenshots
	@scripts/install test
	@$$(scripts/bun-path) scripts/screenshots.ts

.PHONY: reference
reference: node_modules/.installed ## Write docs/reference/settings.md from the settings schema
	@$(BUN) scripts/reference.ts

.PHONY: format
format: node_modules/.installed ## Format and lint what can be mended by itself
	@node_modules/.bin/biome check --write .

.PHONY: clean
clean: ## Remove what was built (recordings and settings stay)
	@rm -rf dist web/dist .cache/arm64

node_modules/.installed: package.json bun.lock scripts/install
	@scripts/install run
	@touch $@

web/dist/app.js: node_modules/.installed $(SOURCES)
	@$$(scripts/bun-path) scripts/build-web.ts

dist/nightjar: web/dist/app.js
	@mkdir -p dist
	@echo "building dist/nightjar"
	@$(subst $(BUN),$$(scripts/bun-path),$(COMPILE)) src/main.ts --outfile dist/nightjar >/dev/null

dist/nightjar-arm64: web/dist/app.js
	@mkdir -p dist
	@echo "building dist/nightjar-arm64"
	@$(subst $(BUN),$$(scripts/bun-path),$(COMPILE)) --target=bun-linux-arm64 src/main.ts --outfile dist/nightjar-arm64 >/dev/null
