module github.com/postern-lock/postern/examples/operator

go 1.26.4

require github.com/postern-lock/postern v0.0.0

require (
	github.com/getkin/kin-openapi v0.152.0 // indirect
	github.com/stretchr/testify v1.12.1 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/time v0.16.0 // indirect
)

replace github.com/postern-lock/postern => ../..
