# NoxKey. `make run` and `make test` need Go, git and make, and install nothing.
# What needs more says what is missing and how to get it.

VERSION := $(shell git describe --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
CLIENT  := -s -w -X noxkey/cli.Version=$(VERSION)
# The binaries hold no path of the machine they were built on.
GOBUILD := CGO_ENABLED=0 go build -trimpath

.PHONY: help run app dmg notarize icon client build test tour bench race fuzz lint cross check-darwin test-cocoa wide attack redteam check clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## start NoxKey here; without a terminal, play the guided tour
	@if [ "$$(uname)" = Darwin ]; then $(MAKE) --no-print-directory app && open build/NoxKey.app; \
	elif [ -t 0 ] && [ -t 1 ]; then $(MAKE) --no-print-directory build && exec bin/noxkey-app; \
	else echo "No terminal here, so this is the guided tour: it is scripted, and plays on a vault that is thrown away."; \
	  $(MAKE) --no-print-directory tour; fi

build: client ## bin/noxkey-app and bin/noxkey
	@if [ "$$(uname)" = Darwin ]; then echo "on a Mac the app is a bundle: make app"; \
	else $(GOBUILD) -ldflags "$(LDFLAGS)" -o bin/noxkey-app .; fi

app: ## build/NoxKey.app, signed ad hoc or with SIGN_ID (on a Mac)
	@VERSION=$(VERSION) scripts/app.sh

dmg: app ## build/NoxKey-VERSION.dmg (on a Mac)
	@scripts/dmg.sh

notarize: ## notarize, staple and check app and image (on a Mac; SIGN_ID, NOTARY_PROFILE)
	@scripts/notarize.sh

icon: ## assets/NoxKey.icns from assets/NoxKey.svg
	go run ./tools/bundle icon

client:
	$(GOBUILD) -ldflags "$(CLIENT)" -o bin/noxkey ./cmd/noxkey

test: ## all tests; those that want a tool that is not here say so
	go build ./...
	go vet ./...
	go test ./...

tour: ## the whole story, scripted, on a vault that is thrown away
	@go run ./tools/tour

bench: ## speed and size, beside their floors, in one run
	@go run ./tools/bench

race: ## the tests under the race detector (needs cgo and a C compiler)
	@command -v cc >/dev/null || { echo "make race needs a C compiler: apt install gcc"; exit 1; }
	CGO_ENABLED=1 go test -race -short ./...

# A number of runs and not a length of time: go test calls a target that is busy when
# its time is over a failure (go.dev/issue/75804). timeout is for one that hangs.
FUZZ := 100000
fuzz: ## every fuzz target for FUZZ runs (100000), those that start shells for a hundredth
	@set -e; mkdir -p build; for f in $$(grep -rl --include='*_test.go' '^func Fuzz' . ); do \
	  n=$(FUZZ); case $$f in ./handoff/redact/*) n=$$((n / 10));; ./handoff/*) n=$$((n / 100));; esac; \
	  for t in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' $$f); do \
	    echo "$$t in $$(dirname $$f), $$n runs"; \
	    timeout 900 go test -run '^$$' -fuzz "^$$t\$$" -fuzztime $${n}x -fuzzminimizetime 0 ./$$(dirname $$f) >build/fuzz.log 2>&1 || { cat build/fuzz.log; echo "$$t failed"; exit 1; }; \
	    tail -n 1 build/fuzz.log; \
	  done; done

LINT := v2.15.0
lint: ## golangci-lint, .golangci.yml
	@command -v golangci-lint >/dev/null || { echo "make lint needs golangci-lint: go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT)"; exit 1; }
	@test -z "$$(gofmt -l $$(git ls-files "*.go"))" || { gofmt -l $$(git ls-files "*.go"); exit 1; }
	golangci-lint run ./...

cross: ## the client for macOS, really built; everything else type-checked for it
	@set -e; for arch in arm64 amd64; do \
	  echo "darwin/$$arch"; \
	  CGO_ENABLED=0 GOOS=darwin GOARCH=$$arch go build -trimpath -o build/darwin-$$arch/noxkey ./cmd/noxkey; \
	  CGO_ENABLED=0 GOOS=darwin GOARCH=$$arch go vet ./...; done
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go vet ./...

check-darwin: ## the Mac's code: types and rules in seconds, then compiled and linked against stubs
	go run ./tools/checkdarwin
	NOXKEY_CHECK_DARWIN=1 .ci/noskip go test -count=1 -v ./tools/checkdarwin
	go run ./tools/checkdarwin -link

test-cocoa: ## the Mac's windows, run with GNUstep under Xvfb; pictures in build/cocoa
	go run ./tools/gnustep

# What the shells, sandboxes and terminals are for. Here a test that was left out
# is a failure.
TOOLS := bash zsh dash ksh busybox bwrap tmux script strace setsid python3 perl at cron ssh expect xxd hexdump jq openssl node ruby git
NEEDS = @missing=; for t in $(TOOLS); do command -v $$t >/dev/null || [ -x /usr/sbin/$$t ] || missing="$$missing $$t"; done; \
	if [ -n "$$missing" ]; then echo "make $@ misses:$$missing"; \
	  echo "apt install zsh ksh busybox bubblewrap tmux bsdutils util-linux strace python3 perl at cron openssh-server expect xterm bindfs fuse3 xclip xvfb xxd bsdextrautils jq openssl nodejs ruby git"; exit 1; fi
wide: ## the tests that want shells, a sandbox and a terminal, none left out
	$(NEEDS)
	.ci/noskip go test -count=1 -v ./handoff/... ./caller ./cli ./e2e ./harden ./setup

attack: ## the threat table of SECURITY.md, each row's tests run, with a verdict a row
	$(NEEDS)
	go run ./tools/attack

redteam: ## a scripted hostile agent against the released programs, and what it won
	go run ./tools/redteam

check: test race cross lint check-darwin test-cocoa wide attack ## all of it

clean:
	rm -rf bin build
