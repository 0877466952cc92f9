# The one door. `make help` lists what is behind it; V=1 shows the commands.

ifeq ($(V),1)
Q :=
quiet :=
else
Q := @
quiet := >/dev/null
endif

KERNEL := 6.1
export VM

MAKEFLAGS += --no-builtin-rules
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
export npm_config_loglevel := error
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

NATIVE := addon/build/Release/rsc.node addon/build/Release/rsc-twin addon/build/Release/rsc-keeper \
	addon/build/Release/rsc-loader
NATIVE_SOURCES := addon/binding.gyp $(wildcard addon/src/* addon/twin/* addon/keeper/* addon/loader/*)
PROGRAMS := addon/bpf/claim.bpf.o addon/bpf/veto.bpf.o addon/bpf/entry.bpf.o
C_SOURCES := $(filter %.c %.cc %.h,$(wildcard addon/src/* addon/twin/* addon/keeper/* addon/loader/* bpf/* test/guest/* test/corpus/*))
GUESTS := $(patsubst test/guest/%.c,test/guest/bin/%,$(wildcard test/guest/*.c)) test/guest/bin/tap.so
TYPESCRIPT := $(shell find packages/*/src addon/lib test -name '*.ts' -not -path '*/dist/*' -not -path '*/node_modules/*')

.PHONY: help demo build test lint format generate check bench prebuild pack clean system guests vm vm-parts test-vm

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t12

demo: build ## run real programs through an embedded server, and print what happens
	$(Q)scripts/demo.sh

build: system $(NATIVE) .make/typescript ## install what is missing and build everything

test: build guests .make/tests vm-parts ## build, and run every test
	$(Q)mocha

test-vm: build guests .make/tests vm-parts ## run those tests that run in VMs, on other kernels
	$(Q)mocha --no-config --reporter scripts/mocha-reporter.cjs 'test/dist/vm/*.test.js'

vm: build guests .make/tests vm-parts ## a shell in a VM with the kernel KERNEL (6.1, or 7.2), in the checkout
	$(Q)test/vm/boot $(KERNEL) /bin/setsid -c /bin/bash

lint: build .make/tests ## check style and types; warnings are errors
	$(Q)eslint --max-warnings 0 .
	$(Q)prettier --check --log-level warn .
	$(Q)clang-format --dry-run -Werror $(C_SOURCES)

format: .make/npm ## rewrite sources in the house's style
	$(Q)prettier --write --log-level warn .
	$(Q)clang-format -i $(C_SOURCES)

generate: build ## write the generated sources and docs anew
	$(Q)node scripts/generate-abi.mjs
	$(Q)node scripts/generate-docs.mjs

check: lint test ## lint and test

bench: build guests .make/tests ## measure, and print ratios
	$(Q)node test/dist/bench/main.js

prebuild: build ## make the prebuilt binaries that packages carry
	$(Q)scripts/prebuild.sh $(quiet)

pack: prebuild ## make the npm packages, in dist/
	$(Q)rm -rf dist && mkdir dist
	$(Q)for package in addon packages/*/; do cp LICENSE $$package; done
	$(Q)lerna exec --loglevel error --no-private -- npm pack --silent --pack-destination $(CURDIR)/dist $(quiet)

clean: ## remove what was built
	$(Q)rm -rf .make dist addon/build addon/bpf addon/prebuilds addon/dist packages/*/dist test/dist test/guest/bin
	$(Q)find . -name '*.tsbuildinfo' -not -path './node_modules/*' -delete

guests: $(GUESTS)

system:
	$(Q)scripts/install-system.sh

vm-parts: system
	$(Q)test/vm/prepare
	$(Q)test/vm/prepare-vsock

.make/npm: package-lock.json
	@mkdir -p .make
	$(Q)npm ci --ignore-scripts --no-audit --no-fund --loglevel error $(quiet)
	@touch $@

$(PROGRAMS) &: scripts/build-bpf.sh $(wildcard bpf/*)
	$(Q)scripts/build-bpf.sh
	@rm -f addon/build/Release/obj.target/rsc-loader/loader/objects.o # it has them in it

$(NATIVE) &: $(NATIVE_SOURCES) $(PROGRAMS) .make/npm
	$(Q)scripts/build-native.sh $(quiet)
	@touch $(NATIVE)

.make/typescript: $(TYPESCRIPT) .make/npm
	$(Q)tsc -b packages/cli
	$(Q)node scripts/write-manifest.mjs
	@touch $@

.make/tests: $(TYPESCRIPT) .make/npm
	$(Q)tsc -b
	@touch $@

test/guest/bin/static-%: test/guest/static-%.c $(wildcard test/guest/*.h)
	@mkdir -p $(@D)
	$(Q)gcc -O1 -Wall -Wextra -Werror -static -pthread -o $@ $<

test/guest/bin/tap.so: test/corpus/tap.c
	@mkdir -p $(@D)
	$(Q)gcc -O1 -Wall -Wextra -Werror -shared -fPIC -o $@ $<

test/guest/bin/%: test/guest/%.c $(wildcard test/guest/*.h)
	@mkdir -p $(@D)
	$(Q)gcc -O1 -Wall -Wextra -Werror -pthread -o $@ $<
