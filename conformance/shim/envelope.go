package shim

import "encoding/json"

// envelope is any line of a shim.
type envelope struct {
	ID          uint64          `json:"id"`
	OK          json.RawMessage `json:"ok,omitempty"`
	Unsupported string          `json:"unsupported,omitempty"`
	Error       string          `json:"error,omitempty"`
	Transceive  Hex             `json:"transceive,omitempty"`
	Live        Hex             `json:"live,omitempty"`
}

// single reports whether the line says one thing.
func (e *envelope) single() bool {
	n := 0
	for _, said := range []bool{e.OK != nil, e.Unsupported != "", e.Error != "", e.Transceive != nil, e.Live != nil} {
		if said {
			n++
		}
	}
	return n == 1
}

// What the suite replies to a question.
type (
	response struct {
		APDU Hex `json:"apdu"`
	}
	token struct {
		Token Hex `json:"token"`
	}
	lost struct {
		Lost bool `json:"lost"`
	}
	// reply is any of the three.
	reply struct {
		ID    uint64 `json:"id"`
		APDU  Hex    `json:"apdu,omitempty"`
		Token Hex    `json:"token,omitempty"`
		Lost  bool   `json:"lost,omitempty"`
	}
)
