package main

import (
	"encoding/json"
	"io"
)

// document is the whole output for programs.
type document struct {
	Go      string          `json:"go"` // version with which the blocks were counted
	Taps    []tapDocument   `json:"taps"`
	Prices  []priceDocument `json:"prices"`
	Assumed assumed         `json:"assumed"`
	Notes   []noteDocument  `json:"notes"`
}

type tapDocument struct {
	Tap       string                 `json:"tap"`
	Says      string                 `json:"says"`
	Outcome   string                 `json:"outcome"` // registry outcomes, as the phone has it
	Reason    string                 `json:"reason"`  // registry reasons, as the lock has it
	Basis     basis                  `json:"basis"`   // of the counts
	Counts    counts                 `json:"counts"`
	Predicted [len(cores)]prediction `json:"predicted"`
}

type priceDocument struct {
	Operation string  `json:"operation"`
	Core      string  `json:"core"`
	Cycles    float64 `json:"cycles"`
	Basis     basis   `json:"basis"`
	Note      string  `json:"note"`
}

type assumed struct {
	Basis          basis   `json:"basis"`
	AirBytesPerMs  float64 `json:"air_bytes_per_ms"`
	FlashEraseMs   float64 `json:"flash_erase_ms_per_page"`
	FlashProgramMs float64 `json:"flash_program_ms_per_page"`
	FlashPageBytes int     `json:"flash_page_bytes"`
}

type noteDocument struct {
	Note string `json:"note"`
	Text string `json:"text"`
}

// printJSON prints everything for programs, as one JSON object.
func printJSON(w io.Writer, version string, all map[string]counts) error {
	d := document{Go: version, Assumed: assumed{estimated, airBytesPerMs, flashEraseMs, flashProgramMs, flashPageBytes}}
	for _, k := range kinds {
		c := all[k.name]
		d.Taps = append(d.Taps, tapDocument{k.name, k.says, k.outcome.String(), k.reason.String(), counted, c, predict(c)})
	}
	for _, p := range prices {
		for i, f := range p.figures {
			d.Prices = append(d.Prices, priceDocument{p.name, cores[i].name, f.cycles, f.basis, f.note})
		}
	}
	for _, n := range notes {
		d.Notes = append(d.Notes, noteDocument{n.key, n.text})
	}
	out := json.NewEncoder(w)
	out.SetIndent("", " ")
	out.SetEscapeHTML(false)
	return out.Encode(d)
}
