# What people and CI run. The product itself needs only `go build ./...`.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
SYSTEMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64

.PHONY: test race lint release soak generate clean

test:
	go test ./...

# Packages that start goroutines.
race:
	go test -race -timeout 15m ./internal/parallel ./internal/impl ./internal/rng ./internal/fft ./datasets ./audio ./train ./device/cpu

lint:
	gofmt -l . | tee /dev/stderr | (! grep .)
	go vet ./...
	golangci-lint run ./...

# Binaries for people without Go, one a system, with checksums.
release:
	rm -rf dist && mkdir dist
	for s in $(SYSTEMS); do \
	  os=$${s%/*}; arch=$${s#*/}; ext=; [ $$os = windows ] && ext=.exe; \
	  CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch go build -trimpath -ldflags "-s -w -X partials/train.Version=$(VERSION)" \
	    -o dist/train-$$os-$$arch$$ext ./cmd/train || exit 1; \
	done
	cd dist && sha256sum train-* > SHA256SUMS

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
