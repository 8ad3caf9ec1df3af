package main

import "math"

// quantity is a predicted time in milliseconds, with the weakest basis of what
// went into it: counted, if nothing did.
type quantity struct {
	Ms    float64 `json:"ms"`
	Basis basis   `json:"basis"`
}

// add adds a time.  A sum is estimated as soon as a part of it is.
func (q *quantity) add(ms float64, b basis) {
	if ms == 0 {
		return
	}
	q.Ms += ms
	if q.Basis != estimated {
		q.Basis = b
	}
}

// prediction is what one tap takes on one core.
type prediction struct {
	Core      string   `json:"core"`
	MHz       float64  `json:"mhz"`
	PublicKey quantity `json:"public_key"`
	Symmetric quantity `json:"symmetric"` // SHA-256, AES and CRC-32
	Air       quantity `json:"air"`
	Flash     quantity `json:"flash"`
	Sum       quantity `json:"sum"`
}

// predict returns what the counts take on each core.
func predict(c counts) [len(cores)]prediction {
	var all [len(cores)]prediction
	for i, core := range cores {
		none := quantity{Basis: counted}
		p := prediction{core.name, core.mhz, none, none, none, none, none}
		for _, price := range prices {
			f := price.figures[i]
			part := &p.Symmetric
			if price.publicKey {
				part = &p.PublicKey
			}
			part.add(float64(price.count(c))*f.cycles/(core.mhz*1000), f.basis)
		}
		p.Air.add(float64(c.Bytes)/airBytesPerMs, estimated)
		p.Flash.add(float64(c.FlashErases)*flashEraseMs+float64(c.FlashBytes)/flashPageBytes*flashProgramMs, estimated)
		for _, q := range []quantity{p.PublicKey, p.Symmetric, p.Air, p.Flash} {
			p.Sum.add(q.Ms, q.Basis)
		}
		for _, q := range []*quantity{&p.PublicKey, &p.Symmetric, &p.Air, &p.Flash, &p.Sum} {
			q.Ms = math.Round(q.Ms*1000) / 1000
		}
		all[i] = p
	}
	return all
}
