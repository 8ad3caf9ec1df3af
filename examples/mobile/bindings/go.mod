module github.com/postern-lock/postern/examples/mobile/bindings

go 1.26.4

require (
	github.com/postern-lock/postern/examples/mobile v0.0.0-00010101000000-000000000000
	github.com/stretchr/testify v1.12.1
	golang.org/x/tools v0.52.0
)

require (
	filippo.io/edwards25519 v1.2.0 // indirect
	github.com/fxamacker/cbor/v2 v2.9.6 // indirect
	github.com/postern-lock/postern v0.0.0 // indirect
	github.com/x448/float16 v0.8.4 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/mobile v0.0.0-20261011034528-197770444867 // indirect
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
)

replace (
	github.com/postern-lock/postern => ../../..
	github.com/postern-lock/postern/examples/mobile => ..
)

tool golang.org/x/mobile/cmd/gobind
