module github.com/postern-lock/postern/examples/operator

go 1.26.4

require github.com/postern-lock/postern v0.0.0

require rsc.io/qr v0.2.0 // indirect

replace github.com/postern-lock/postern => ../..
