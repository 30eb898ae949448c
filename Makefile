# The two that a fresh machine needs: `make demo` and `make test`.
# Everything that a target needs it installs, or it names what is lacking.

SHELL      := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
GO         ?= go
BUILD      := build
ROOT       := $(shell [ "$$(id -u)" = 0 ] && echo yes)
PSK        ?= right
WHO        ?= lisa
FUZZTIME   ?= 5m
KILLS      ?= 200
SOAKTIME   ?= 8h
USERS      ?= 1000
SEED       ?= $(shell date +%s)
VERSION    ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS    := -s -w -X muvpn/client.Version=$(VERSION)
TAGS       := window,no_emoji
PROGRAMS   := ./client/muvpn ./service/muvpnd ./tunnel/gateway/muvpn-testgw
CHECKS     := format vet staticcheck vulnerabilities race days pictures cross
TESTS      := demos soak-short mutants fuzz-short interop
BESIDE     := screen
LAST       := systemd wine installers-short
CROSS      := windows/amd64 windows/arm64 darwin/amd64 darwin/arm64 linux/arm64
MAINTAINER ?= The muvpn authors <muvpn@localhost>
SIGN_KEY   ?=
SIGN_PASS  ?=
SIGN_CERT  ?=
SIGN_CERT_KEY ?=
SIGN_CERT_PASS ?=
SIGN_MODULE ?=
SIGN_CA    ?=
SIGN_TIMESTAMP ?=
WINTUN_DLL ?=
WINTUN_LICENSE ?=
ARCHS      ?= $(shell $(GO) env GOARCH)
EPOCH      := $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
COMMITS    := $(shell git rev-list --count HEAD 2>/dev/null || echo 0)
PACKAGES   := $(shell grep -v '^\#' service/interop/packages.txt)

.PHONY: help demo demo-gui demos test build gui gui-windows screen guide figures check format vet staticcheck vulnerabilities race days pictures cross \
	packages interop interop-raw roaming crash systemd wine record-vectors fuzz fuzz-short mutants orders bench soak soak-short man roster helpdesk site \
	tools installers installers-windows release test-installers installers-short clean

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

demo: build ## lisa.exp to a page on the office network, on this machine, without privileges
	@$(GO) run ./service/demo -programs $(BUILD) -psk $(PSK) -as $(WHO)

demo-gui: build gui ## the same in the window, with your hands
	@$(GO) run ./service/demo -window -programs $(BUILD) -psk $(PSK) -as $(WHO)

# As a newcomer types it: with nothing but the target, and each of its settings.
demos: build
	@for setting in "" PSK=wrong WHO=maggie; do \
		$(MAKE) --no-print-directory demo $$setting >$(BUILD)/demo.txt 2>&1 || { cat $(BUILD)/demo.txt; exit 1; }; \
		echo "demos: make demo$${setting:+ $$setting} went as it should"; \
	done
	@MUVPN_PROGRAMS=$(CURDIR)/$(BUILD) $(GO) test -count=1 ./service/demo >$(BUILD)/demo.txt 2>&1 || { cat $(BUILD)/demo.txt; exit 1; }
	@echo "demos: profiles of muvpn admin issue connect"

# The window's tests spend half their time waiting for the screen, those of the
# installed programs for containers and wine: they share the machine.
test: PACKAGES += $(shell grep -hv '^\#' service/systemd/packages.txt gui/packages.txt gui/screen/packages.txt)
test: packages ## everything that must hold, for every change
	@mkdir -p $(BUILD); \
	play() { \
		local stage began; \
		for stage; do \
			began=$$SECONDS; \
			$(MAKE) --no-print-directory $$stage || return; \
			echo "test: $$stage took $$((SECONDS - began)) s"; \
		done; \
	}; \
	play $(CHECKS) $(TESTS); \
	play $(BESIDE) >$(BUILD)/beside.txt 2>&1 & beside=$$!; \
	failed=; play $(LAST) || failed=yes; \
	wait $$beside || failed=yes; cat $(BUILD)/beside.txt; \
	[ -z "$$failed" ] && echo "test: passed in $$((SECONDS / 60)) min"

build: ## the programs, static, into build/
	@mkdir -p $(BUILD)
	@CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BUILD)/ $(PROGRAMS)

# The window needs cgo; the tag keeps it out of what is built everywhere else.
# Fyne's font of emoji would be read once for each style of text: a tenth of a
# second and 10 MB. Those of the system are found without.
gui: PACKAGES := $(shell grep -v '^\#' gui/packages.txt)
gui: packages ## the window, into build/
	@mkdir -p $(BUILD)
	@$(GO) vet -tags $(TAGS) ./gui/muvpn-gui
	@$(GO) build -tags $(TAGS) -trimpath -ldflags '$(LDFLAGS)' -o $(BUILD)/ ./gui/muvpn-gui

gui-windows: PACKAGES := gcc-mingw-w64-x86-64
gui-windows: packages ## the window for Windows, into build/
	@mkdir -p $(BUILD)
	@GOOS=windows GOARCH=amd64 CGO_ENABLED=1 CC=x86_64-w64-mingw32-gcc \
		$(GO) build -tags $(TAGS) -trimpath -ldflags '$(LDFLAGS) -H windowsgui' -o $(BUILD)/ ./gui/muvpn-gui

screen: PACKAGES += $(shell grep -hv '^\#' gui/packages.txt gui/screen/packages.txt)
screen: packages build gui ## the window on a real X server, by mouse and keyboard; pictures in build/gui (root)
ifeq ($(ROOT),yes)
	@MUVPN_SCREEN=1 MUVPN_PROGRAMS=$(CURDIR)/$(BUILD) $(GO) test -count=1 -timeout 20m -skip TestFigures -v ./gui/screen | grep -vE '^(=== |ok |PASS)'
	@MUVPN_PROGRAMS=$(CURDIR)/$(BUILD) $(GO) test -count=1 -timeout 10m -v ./gui/muvpn-gui | grep -vE '^(=== |ok |PASS)'
else
	@echo "screen: skipped, it needs root to have namespaces of its own; run: sudo make screen"
endif

# With WALK=kept the pictures are those of the last walk.
guide: ## the user guide's pictures in docs/guide, as the walk of make screen has taken them (root)
ifneq ($(WALK),kept)
	@$(MAKE) --no-print-directory screen
endif
	@$(GO) run ./gui/guide

# A start is waited for by somebody who does nothing else meanwhile: real-time
# priority keeps whatever the machine does besides out of it.
figures: PACKAGES += $(shell grep -hv '^\#' gui/packages.txt gui/screen/packages.txt)
figures: packages build gui ## what the window costs over an empty one: start, memory, CPU; two minutes (root)
ifeq ($(ROOT),yes)
	@$(GO) vet -tags $(TAGS) ./gui/screen/empty
	@$(GO) build -tags $(TAGS) -trimpath -ldflags '$(LDFLAGS)' -o $(BUILD)/ ./gui/screen/empty
	@MUVPN_FIGURES=1 MUVPN_SCREEN=1 MUVPN_PROGRAMS=$(CURDIR)/$(BUILD) \
		$(GO) test -exec 'chrt --rr 1' -count=1 -timeout 10m -v -run TestFigures ./gui/screen | grep -vE '^(=== |ok |PASS)'
else
	@echo "figures: skipped, it needs root to have namespaces of its own; run: sudo make figures"
endif

check: $(CHECKS) ## all that needs no privileges

format:
	@faults=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$faults" ]; then echo "check: not formatted by gofmt:" $$faults; exit 1; fi

vet:
	@$(GO) vet ./...

staticcheck:
	@$(GO) tool staticcheck ./...

# The database of vulnerabilities needs the network: where it cannot be
# reached that is said, where it can, a finding fails.
vulnerabilities:
	@out=$$($(GO) tool govulncheck ./... 2>&1) && echo "check: govulncheck found nothing" || \
	if grep -qiE 'fetching vulnerabilities|no such host|forbidden|dial tcp|unexpected status' <<<"$$out"; then \
		echo "check: govulncheck skipped, its database cannot be reached"; \
	else echo "$$out"; exit 1; fi

# The race detector needs a C compiler; the programs do not. One run gives
# both verdicts: no race, and enough of tunnel and profile covered. As an
# ordinary user the tests that need root are left out, so only root is held to
# the coverage. vet has had a run of its own.
race: ## the tests, with the race detector, and how much they cover
	@mkdir -p $(BUILD)
	@race=-race; command -v $${CC:-gcc} >/dev/null || { race=; echo "check: no C compiler, so no race detector"; }; \
	$(GO) test $$race -vet=off -skip "^TestDay" -timeout 20m -coverprofile=$(BUILD)/coverage.out -coverpkg=./tunnel/...,./profile/... ./...
	@$(GO) tool cover -func=$(BUILD)/coverage.out | awk '/^total:/ { sub("%", "", $$3); \
		print "check: tests cover " $$3 " % of tunnel and profile"; exit ("$(ROOT)" == "yes" && $$3 < 80) }'

# Days in virtual time are half a minute here, and with the race detector ten. So
# are the largest workbooks and zip bombs, which it leaves out.
days: ## a day of life at a time: rekeys each hour, bad lines, another network every hour; the largest workbooks
	@$(GO) test -count=1 -vet=off -timeout 20m -run '^TestDay' ./tunnel ./service
	@$(GO) test -count=1 -vet=off -timeout 20m ./client/issuing/roster

pictures: ## the window's golden pictures, without the race detector
	@$(GO) test -count=1 -vet=off -timeout 20m ./gui

# On macOS Fyne itself does not build without cgo: what uses it is left to a Mac.
# To vet one architecture of each system finds what vet finds.
cross:
	@vetted=; for target in $(CROSS); do \
		echo "check: cross-build $$target"; \
		export GOOS=$${target%/*} GOARCH=$${target#*/} CGO_ENABLED=0; \
		packages=$$($(GO) list ./...); \
		if [ $$GOOS = darwin ]; then packages=$$($(GO) list -f '{{.ImportPath}}{{range .Deps}}:{{.}}:{{end}}' ./... | grep -v ':fyne.io/fyne/v2/widget:' | cut -d: -f1); fi; \
		[[ " $$vetted " = *" $$GOOS "* ]] || { $(GO) vet $$packages; vetted+=" $$GOOS"; }; \
		$(GO) build -o /dev/null $$packages; \
	done

packages: ## the Debian packages that the tests need
ifeq ($(ROOT),yes)
	@missing=$$(for p in $(PACKAGES); do dpkg-query -Wf '$${Status}' $$p 2>/dev/null | grep -q 'install ok' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
else
	@missing=$$(for p in $(PACKAGES); do dpkg-query -Wf '$${Status}' $$p 2>/dev/null | grep -q 'install ok' || echo $$p; done); \
	if [ -n "$$missing" ]; then echo "test: as root this would install:" $$missing; fi
endif

# Half of a scenario is waiting: twice as many as cores are played at a time.
interop: packages build ## against strongSwan in network namespaces (root)
ifeq ($(ROOT),yes)
	@MUVPN_INTEROP=1 MUVPN_PROGRAMS=$(CURDIR)/$(BUILD) $(GO) test -count=1 -timeout 45m -parallel 4 -v -run 'TestInterop' ./service/interop | \
		grep -vE '^(=== |ok |PASS)'
else
	@echo "interop: skipped, it needs root (network namespaces, TUN, strongSwan); run: sudo make interop"
endif

interop-raw: PACKAGES += $(shell grep -v '^\#' service/interop/packages-raw.txt)
interop-raw: packages build ## raw ESP against a real kernel in user-mode Linux (root)
ifeq ($(ROOT),yes)
	@MUVPN_INTEROP=1 MUVPN_PROGRAMS=$(CURDIR)/$(BUILD) $(GO) test -count=1 -timeout 25m -v -run 'TestRaw' ./service/interop | \
		grep -vE '^(=== |ok |PASS)'
else
	@echo "interop-raw: skipped, it needs root; run: sudo make interop-raw"
endif

roaming: packages build ## what roaming costs a download, as a table; 20 minutes (root)
ifeq ($(ROOT),yes)
	@MUVPN_ROAMING=1 MUVPN_INTEROP=1 MUVPN_PROGRAMS=$(CURDIR)/$(BUILD) $(GO) test -count=1 -timeout 60m -parallel 4 -v -run 'TestRoaming' ./service/interop | \
		grep -vE '^(=== |ok |PASS)'
else
	@echo "roaming: skipped, it needs root; run: sudo make roaming"
endif

crash: packages build ## muvpnd killed KILLS times (200) in every state (root; SEED=n repeats a run)
ifeq ($(ROOT),yes)
	@MUVPN_KILLS=$(KILLS) MUVPN_SEED=$(SEED) MUVPN_INTEROP=1 MUVPN_PROGRAMS=$(CURDIR)/$(BUILD) \
		$(GO) test -count=1 -timeout 60m -v -run 'TestInterop/with/muvpnd_is_killed_in_every_state' ./service/interop | \
		grep -vE '^(=== |ok |PASS)'
else
	@echo "crash: skipped, it needs root; run: sudo make crash"
endif

# The Debian in the container is made once (two or three minutes) and kept, where
# the ./... of go passes it over. nspawn lets one run at a time have it.
systemd: PACKAGES += $(shell grep -v '^\#' service/systemd/packages.txt)
systemd: packages build ## the installed service under a real systemd, in a container (root)
ifeq ($(ROOT),yes)
	@MUVPN_SYSTEMD=1 MUVPN_PROGRAMS=$(CURDIR)/$(BUILD) MUVPN_SYSTEMD_BASE=$(CURDIR)/$(BUILD)/_systemd-base \
		flock $(BUILD)/_systemd-base.lock $(GO) test -count=1 -timeout 60m -parallel 4 -v -run 'TestSystemd' ./service/systemd | grep -vE '^ *(=== |ok |PASS|--- PASS)'
else
	@echo "systemd: skipped, it needs root to boot a container; run: sudo make systemd"
endif

# The Windows is made once (half a minute) and kept, where the ./... of go passes
# it over. Not every machine can have wine.
wine: WINE ?= ^TestWine$$
wine: PICTURES ?=
wine: SHORT ?=
wine: build ## the Windows programs, service and pipe under wine (root)
ifeq ($(ROOT),yes)
	@$(MAKE) --no-print-directory packages PACKAGES="$$(grep -hv '^#' service/wine/packages*.txt | xargs)" >$(BUILD)/wine.txt 2>&1 || true
	@if ! { command -v wine && command -v x86_64-w64-mingw32-gcc && command -v ip; } >/dev/null; then \
		echo "wine: skipped, wine cannot be installed here: $$(grep -m 1 '^E:' $(BUILD)/wine.txt || tail -n 1 $(BUILD)/wine.txt)"; exit 0; \
	fi; \
	MUVPN_WINE=1 MUVPN_PROGRAMS=$(CURDIR)/$(BUILD) MUVPN_WINE_KEPT=$(CURDIR)/$(BUILD)/_wine MUVPN_TOOLS=$(CURDIR)/$(BUILD)/_tools MUVPN_PICTURES=$(PICTURES) \
		$(GO) test $(SHORT) -count=1 -timeout 40m -v -run '$(WINE)' ./service/wine | grep -vE '^ *(=== |ok |PASS|--- PASS)'
else
	@echo "wine: skipped, it needs root for a Windows of its own; run: sudo make wine"
endif

record-vectors: packages build ## exchanges with strongSwan anew, as vectors of ikev1 (root)
	@MUVPN_INTEROP=1 MUVPN_PROGRAMS=$(CURDIR)/$(BUILD) MUVPN_RECORD=$(CURDIR)/tunnel/ike/ikev1/testdata/strongswan \
		$(GO) test -count=1 -v -run 'TestRecord' ./service/interop | grep -vE '^(=== |ok |PASS)'

# Each package is compiled once, and LANES targets run at a time. At the end of
# its time Go's fuzzer now and then takes its own deadline for a failure
# ("context deadline exceeded", and no failing input): once more, then.
fuzz: LANES ?= 1
fuzz: ## every fuzz target for FUZZTIME (5m)
	@rm -rf $(BUILD)/_fuzz; mkdir -p $(BUILD)/_fuzz; cache=$$($(GO) env GOCACHE)/fuzz; \
	fuzz() { \
		local program=$(CURDIR)/$(BUILD)/_fuzz/$${1//\//-}.test said=$(CURDIR)/$(BUILD)/_fuzz/$$2.txt; \
		echo "fuzz: $$1 $$2 for $(FUZZTIME)"; \
		for try in 1 2 3; do \
			(cd $$1; $$program -test.run '^$$' -test.fuzz "^$$2$$" -test.fuzztime $(FUZZTIME) -test.fuzzminimizetime 20x \
				-test.parallel $$((($$(nproc) + $(LANES) - 1) / $(LANES))) -test.fuzzcachedir "$$3/$$1") | tee $$said && return; \
			grep -q '^ *context deadline exceeded$$' $$said && ! grep -q 'Failing input' $$said || break; \
		done; \
		echo "fuzz: $$1 $$2 failed"; return 255; \
	}; \
	export -f fuzz; \
	for package in $$(git grep -l '^func Fuzz' -- '*_test.go' | xargs -n 1 dirname | sort -u); do \
		$(GO) test -c -fuzz=. -o $(BUILD)/_fuzz/$${package//\//-}.test ./$$package || exit; \
		git grep -hoE '^func Fuzz\w+' -- $$package/*_test.go | sed "s,^func,$$package,"; \
	done | xargs -L 1 -P $(LANES) bash -eu -o pipefail -c 'fuzz "$$@" "$$0"' "$$cache"

fuzz-short:
	@mkdir -p $(BUILD)
	@$(MAKE) --no-print-directory fuzz FUZZTIME=3s LANES=2 >$(BUILD)/fuzz.txt 2>&1 || { cat $(BUILD)/fuzz.txt; exit 1; }
	@echo "fuzz: $$(grep -c '^fuzz: .* for 3s$$' $(BUILD)/fuzz.txt) targets, 3 s each, no finding"

mutants: ## break one guard at a time; each must make a named test fail
	@$(GO) run ./tunnel/mutants

# One run of many short lives, and one of few long ones.
orders: ## two million random orders of messages against IKEv1 (SEED=n repeats a run)
	@echo "orders: SEED=$(SEED)"
	@MUVPN_ORDERS=1000000 $(GO) test -count=1 -timeout 30m -v -run '^TestMessageOrders$$' ./tunnel/ike/ikev1 \
		-rapid.checks=21000 -rapid.steps=100 -rapid.seed=$(SEED)
	@$(GO) test -count=1 -timeout 30m -run '^TestMessageOrders$$' ./tunnel/ike/ikev1 \
		-rapid.checks=20 -rapid.steps=5000 -rapid.seed=$(SEED)

bench: build ## throughput beside wireguard-go, handshake, idle (root)
	@$(GO) run ./tunnel/bench -programs $(BUILD)

soak: build ## muvpnd under full load for SOAKTIME (8h): does it end where it began?
	@$(GO) run ./service/soak -programs $(BUILD) -time $(SOAKTIME)

soak-short:
	@$(MAKE) --no-print-directory soak SOAKTIME=2m

# nfpm and cyclonedx-gomod have a module of their own, so that ours stays short.
tools:
	@mkdir -p $(BUILD)/_tools
	@$(GO) -C installers/tools build -trimpath -o $(CURDIR)/$(BUILD)/_tools/ tool

# The window only where this computer can build it: it needs cgo.
installers: PACKAGES := $(shell grep -v '^\#' gui/packages.txt)
installers: packages tools ## deb and rpm, list of parts, sums; into build/installers (SIGN_KEY=file, SIGN_PASS=file, ARCHS="amd64 arm64")
	@rm -rf $(BUILD)/installers
	@for arch in $(ARCHS); do \
		$(GO) run ./installers/linux -describe '$(VERSION)' -commits $(COMMITS) -epoch $(EPOCH) -maintainer '$(MAINTAINER)' -arch $$arch \
			$$([ $$arch != $$($(GO) env GOHOSTARCH) ] || echo -window) -key '$(SIGN_KEY)' -passphrase-file '$(SIGN_PASS)' \
			-out $(BUILD)/installers -work $(BUILD)/_packages -tools $(BUILD)/_tools; \
	done
ifneq ($(WINTUN_DLL),)
	@$(MAKE) --no-print-directory installers-windows
else
	@echo "installers: none for Windows: WINTUN_DLL= names no wintun.dll"
endif
	@$(MAKE) --no-print-directory installers-macos
	@$(GO) run ./installers/sums -key '$(SIGN_KEY)' -passphrase-file '$(SIGN_PASS)' $(BUILD)/installers

installers-windows: PACKAGES := $(shell grep -v '^\#' installers/windows/packages.txt)
installers-windows: packages tools ## setup.exe and MSI, into build/installers (WINTUN_DLL=file, SIGN_CERT=file, SIGN_CERT_KEY=file, SIGN_CERT_PASS=file)
	@$(GO) run ./installers/windows -describe '$(VERSION)' -commits $(COMMITS) -epoch $(EPOCH) -wintun '$(WINTUN_DLL)' -wintun-licence '$(WINTUN_LICENSE)' \
		-cert '$(SIGN_CERT)' -key '$(SIGN_CERT_KEY)' -passphrase-file '$(SIGN_CERT_PASS)' -pkcs11-module '$(SIGN_MODULE)' -ca '$(SIGN_CA)' \
		-timestamp '$(SIGN_TIMESTAMP)' -out $(BUILD)/installers -work $(BUILD)/_windows -tools $(BUILD)/_tools

# The window, and signatures, want a Mac: installers/macos/build-on-a-mac.sh.
.PHONY: installers-macos
installers-macos: tools ## the package for macOS, of command line and service; into build/installers
	@$(GO) run ./installers/macos -describe '$(VERSION)' -commits $(COMMITS) -epoch $(EPOCH) \
		-out $(BUILD)/installers -work $(BUILD)/_macos -tools $(BUILD)/_tools

# Everything, for every kind of computer that can be made here, and signed.
release: ARCHS := amd64 arm64
release: ## the installers of a tagged commit, signed, with notes and sums; into build/installers (SIGN_KEY=file)
	@$(GO) run ./installers/release -describe '$(VERSION)'
	@[ -n '$(SIGN_KEY)' ] || { echo "release: SIGN_KEY= names no key, and what is released is signed"; exit 1; }
	@$(MAKE) --no-print-directory installers ARCHS='$(ARCHS)'
	@$(GO) run ./installers/release -describe '$(VERSION)' -commit "$$(git rev-parse HEAD)" -notes $(BUILD)/installers/RELEASE.md
	@$(GO) run ./installers/sums -key '$(SIGN_KEY)' -passphrase-file '$(SIGN_PASS)' $(BUILD)/installers

# What boots and installs needs the packages that the first line makes. The short
# form (SHORT=-short), which every change is held to, leaves out the window, the
# second makings of macOS' and Windows' installers, and of their lives all between
# installation and removal.
test-installers: PACKAGES += $(shell grep -hv '^\#' service/systemd/packages.txt gui/packages.txt installers/*/packages*.txt)
test-installers: SHORT ?=
test-installers: packages build tools ## what is in the installers, and their lives: apt and rpm in a container, setup.exe and MSI under wine (root)
ifeq ($(ROOT),yes)
	@MUVPN_INSTALLERS=$(CURDIR)/$(BUILD)/_installers MUVPN_TOOLS=$(CURDIR)/$(BUILD)/_tools $(GO) test $(SHORT) -count=1 -timeout 40m -v \
		./installers/linux $(if $(SHORT),,./installers/macos ./installers/windows) | grep -vE '^ *(=== |ok |PASS|--- PASS)'
	@MUVPN_INSTALLERS=$(CURDIR)/$(BUILD)/_installers MUVPN_PROGRAMS=$(CURDIR)/$(BUILD) MUVPN_SYSTEMD_BASE=$(CURDIR)/$(BUILD)/_systemd-base \
		flock $(BUILD)/_systemd-base.lock $(GO) test $(SHORT) -count=1 -timeout 40m -v -run 'TestPackages' ./service/systemd | grep -vE '^ *(=== |ok |PASS|--- PASS)'
	@$(MAKE) --no-print-directory wine WINE='^TestWineInstallers$$' SHORT=$(SHORT) PICTURES=$(CURDIR)/$(BUILD)/installers-pictures
else
	@echo "installers: skipped, it needs root to boot a container; run: sudo make test-installers"
endif

installers-short:
	@$(MAKE) --no-print-directory test-installers SHORT=-short

roster: build ## USERS (1000) of a workbook through muvpn admin: issued, three changed, one revoked; with figures
	@MUVPN_ROSTER=$(USERS) MUVPN_PROGRAMS=$(CURDIR)/$(BUILD) $(GO) test -count=1 -timeout 30m -v -run '^TestAdminRoster$$' ./client/muvpn | \
		grep -vE '^(=== |ok |PASS)'

helpdesk: ## what program and logs say on the helpdesk's pages, docs/helpdesk, written anew
	@MUVPN_UPDATE_HELPDESK=1 $(GO) test -count=1 -run '^TestHelpdeskPage|^TestEveryReasonHasItsPage$$' \
		./docs/helpdesk ./tunnel/gateway ./tunnel/ike/cert ./service ./client/muvpn

site: ## the documents as one HTML site, into build/site
	@$(GO) run ./docs/site -out $(BUILD)/site

man: build ## man pages and completions into build/
	@mkdir -p $(BUILD)/man $(BUILD)/completion
	@$(BUILD)/muvpn man $(BUILD)/man
	@for shell in bash zsh fish powershell; do $(BUILD)/muvpn completion $$shell >$(BUILD)/completion/muvpn.$$shell; done

clean: ## what the targets made
	@rm -rf --one-file-system $(BUILD) lisa-client.log maggie-client.log gateway.log
