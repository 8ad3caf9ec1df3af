package main

import (
	"encoding/json"
	"io"
	"math"
)

// document is the whole output for programs.
type document struct {
	Go      string          `json:"go"` // version with which the blocks were counted
	Taps    []tapDocument   `json:"taps"`
	Rounds  []roundDocument `json:"rounds"`
	Prices  []priceDocument `json:"prices"`
	Assumed assumed         `json:"assumed"`
	Notes   []noteDocument  `json:"notes"`
}

type tapDocument struct {
	Tap       string                 `json:"tap"`
	Group     string                 `json:"group"`
	Says      string                 `json:"says"`
	Outcome   string                 `json:"outcome"` // registry outcomes, as the phone has it
	Reason    string                 `json:"reason"`  // registry reasons, as the lock has it
	Basis     basis                  `json:"basis"`   // of the counts
	Counts    counts                 `json:"counts"`
	Predicted [len(cores)]prediction `json:"predicted"`
}

// roundDocument is what openings program in a full memory while the flash goes
// round once.
type roundDocument struct {
	By        string  `json:"by"`
	Basis     basis   `json:"basis"`
	Openings  int     `json:"openings"`
	MeanPages float64 `json:"mean_pages"`
	MostPages int     `json:"most_pages"`
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
func printJSON(w io.Writer, f findings) error {
	d := document{Go: f.version, Assumed: assumed{estimated, airBytesPerMs, flashEraseMs, flashProgramMs, flashPageBytes}}
	for _, k := range kinds {
		c := f.taps[k.name]
		d.Taps = append(d.Taps, tapDocument{k.name, k.group, k.says, k.outcome.String(), k.reason.String(), counted, c, predict(c)})
	}
	for i, r := range []round{f.rounds.owner, f.rounds.guest} {
		by := [...]string{"owner", "guest-resumed"}[i]
		d.Rounds = append(d.Rounds, roundDocument{by, counted, r.openings, math.Round(r.mean()*1000) / 1000, r.most})
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
