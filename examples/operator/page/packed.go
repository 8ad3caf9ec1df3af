//go:build packed

package page

import _ "embed"

//go:embed packed/phone.wasm.gz
var packedWasm []byte

//go:embed packed/wasm_exec.js
var packedExec []byte

// packed returns the phone that the program was packed with.
func packed() (Phone, bool) { return Phone{Wasm: packedWasm, Exec: packedExec}, true }
