package page

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"

	"github.com/postern-lock/postern/conformance/shim"
)

// Bounds of what stands open in the page, in bytes of HTML: beyond the first, the
// exchanges of a case are packed, so that the page opens quickly; beyond the second
// they are left to report.json.
const (
	maxOpen   = 3 << 20
	maxPacked = 24 << 20
	chunkSize = 1 << 20 // of HTML before it is packed
)

// render writes the exchanges of the rows: at once for the first surprises, packed
// for the rest.
func (v *view) render(sheet *template.Template) error {
	open, packed := 0, 0
	p := packer{view: v}
	for _, x := range v.Rows {
		if len(x.result.Exchanges) == 0 || packed > maxPacked {
			continue
		}
		h, err := show(sheet, x, v.role)
		if err != nil {
			return err
		}
		if x.Verdict.Surprise() && open+len(h) <= maxOpen {
			open += len(h)
			x.Shown = template.HTML(h)
			continue
		}
		if err := p.add(x, h); err != nil {
			return err
		}
		packed = p.total
	}
	return p.flush()
}

// show writes the exchanges of one row.
func show(sheet *template.Template, x *row, r shim.Role) ([]byte, error) {
	most := maxExchanges
	if !x.Verdict.Surprise() {
		most = maxPassed
	}
	all, left := stages(x.result.Exchanges, most)
	var b bytes.Buffer
	err := sheet.ExecuteTemplate(&b, "exchanges", map[string]any{"Stages": all, "Left": left, "Diagram": diagram(all, r)})
	return b.Bytes(), err
}

// packer collects HTML by the ids of rows, and puts it into the page compressed.
type packer struct {
	view  *view
	have  map[string]string
	size  int
	total int // bytes in the page
}

func (p *packer) add(x *row, h []byte) error {
	if p.have == nil {
		p.have = map[string]string{}
	}
	p.have[x.ID] = string(h)
	p.size += len(h)
	x.Chunk = len(p.view.Chunks) + 1
	if p.size < chunkSize {
		return nil
	}
	return p.flush()
}

// flush packs what was collected.  The page's own script reads it: gzip of JSON,
// in base64, which no letter can leave.
func (p *packer) flush() error {
	if len(p.have) == 0 {
		return nil
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.DefaultCompression)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(z).Encode(p.have); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	text := base64.StdEncoding.EncodeToString(b.Bytes())
	p.view.Chunks = append(p.view.Chunks, template.HTML(fmt.Sprintf(`<script type="application/gzip" id="chunk-%d">%s</script>`, len(p.view.Chunks)+1, text)))
	p.total += len(text)
	p.have, p.size = nil, 0
	return nil
}
