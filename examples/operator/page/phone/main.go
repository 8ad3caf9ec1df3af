//go:build js

package main

import (
	"net/http"

	"github.com/postern-lock/postern/credential/holder"
)

func main() {
	var p holder.Phone
	_, err := p.Open(nil, nil, 1)
	r, err := http.Get("/")
	println(err, r)
}
