# What people and CI run. The product itself needs only `go build ./...`.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
SYSTEMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64

.PHONY: test race lint release vulnerabilities soak generate clean

test:
	go test ./...

# Packages that start goroutines.
race:
	go test -race -timeout 15m ./internal/parallel ./internal/impl ./internal/rng ./internal/fft ./datasets ./audio ./train ./device/cpu

lint:
	gofmt -l . | tee /dev/stderr | (! grep .)
	go vet ./...
	golangci-lint run ./...

# Binaries for people without Go, one a system, with checksums and the licences of
# what is in them. The same source gives the same bytes: the Go release is named
# here, and no path and no clock gets in.
RELEASE_GO := go1.26.11
release:
	rm -rf dist && mkdir dist
	for s in $(SYSTEMS); do \
	  os=$${s%/*}; arch=$${s#*/}; ext=; [ $$os = windows ] && ext=.exe; \
	  GOTOOLCHAIN=$(RELEASE_GO) CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch go build -trimpath -buildvcs=auto \
	    -ldflags "-s -w -X partials/train.Version=$(VERSION)" \
	    -o dist/train-$$os-$$arch$$ext ./cmd/train || exit 1; \
	done
	for os in linux darwin windows; do \
	  GOOS=$$os go list -deps -f '{{with .Module}}{{.Dir}} {{.Path}}{{end}}' ./cmd/train; done | sort -u | while read -r dir path; do \
	  [ "$$path" = partials ] && path="Partials"; \
	  for f in $$(ls $$dir/LICENSE* $$dir/LICENCE* $$dir/COPYING* $$dir/UNLICENSE* 2>/dev/null); do \
	    printf '\n===== %s: %s\n\n' "$$path" "$${f##*/}"; cat "$$f"; done; \
	done > dist/LICENCES.txt
	cd dist && sha256sum train-* > SHA256SUMS

# Known vulnerabilities in what a release is built from. The database comes as a Go
# module: a version is named, so that the same source gives the same answer;
# VULNDB=latest asks for the newest.
VULNDB ?= v0.0.0-20261105234957-e22db6528018
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
vulnerabilities:
	set -e; dir=$$(go mod download -json golang.org/x/vulndb@$(VULNDB) | sed -n 's/.*"Dir": "\(.*\)".*/\1/p'); \
	db=$$(mktemp -d); trap 'rm -rf $$db' EXIT; \
	(cd $$dir && go run -mod=mod ./cmd/indexdb -out $$db -vulns $$dir/data/osv); \
	GOTOOLCHAIN=$(RELEASE_GO) go run $(GOVULNCHECK) -db file://$$db ./...

# The long versions of what CI runs short: fuzzing, and kills at random moments.
SOAK ?= 1h
soak:
	PARTIALS_SOAK=$(SOAK) go test -timeout 24h -run 'Soak|Kill' ./train
	for p in $$(go list ./...); do \
	  for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	    go test $$p -run '^$$' -fuzz "^$$f$$" -fuzztime $(SOAK) -fuzzminimizetime 5x || exit 1; \
	  done; \
	done

# Assembly from its generators.
generate:
	go generate ./...

clean:
	rm -rf dist bin
