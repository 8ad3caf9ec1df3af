module github.com/postern-lock/postern/examples/mobile

go 1.26.4

require github.com/postern-lock/postern v0.0.0

replace github.com/postern-lock/postern => ../..
