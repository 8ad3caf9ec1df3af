module github.com/postern-lock/postern/examples/mobile/bindings

go 1.26.4

require (
	github.com/postern-lock/postern v0.0.0
	github.com/postern-lock/postern/examples/mobile v0.0.0
	github.com/stretchr/testify v1.12.1
	golang.org/x/mobile v0.0.0-20261011034528-197770444867
)

replace (
	github.com/postern-lock/postern => ../../..
	github.com/postern-lock/postern/examples/mobile => ..
)

tool golang.org/x/mobile/cmd/gobind
