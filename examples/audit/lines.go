package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/audit"
)

// line is one item, as a line of JSON: a receipt with the certificates of the lock,
// or a page of its log, in clear or sealed.  Bytes are base64url without padding.
type line struct {
	Lock         string    `json:"lock,omitempty"` // of a sealed page, which does not say whose it is: 16 hexadecimal digits
	Receipt      encoded   `json:"receipt,omitempty"`
	Certificates []encoded `json:"certificates,omitempty"`
	Page         encoded   `json:"page,omitempty"`
}

// encoded is bytes that JSON holds as base64url without padding.
type encoded []byte

func (e encoded) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, e), nil
}

func (e *encoded) UnmarshalText(text []byte) (err error) {
	*e, err = base64.RawURLEncoding.Strict().AppendDecode(nil, text)
	return err
}

// longestLine is how many bytes a line can have: a receipt and two certificates of
// 512 bytes are about 2,100.
const longestLine = 4096

var errLong = fmt.Errorf("the line is longer than %d bytes", longestLine)

// lines gives the items of a stream.  A line that is none is an item that is refused,
// and grumble is told why; an empty one is passed over.
func lines(r io.Reader, source uint32, keys logKeys, grumble func(line int, err error), yield func(audit.Item, error) bool) bool {
	in := bufio.NewReaderSize(r, longestLine)
	for number := 1; ; number++ {
		text, err := in.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = in.ReadSlice('\n')
		}
		if err != nil && err != io.EOF {
			return yield(audit.Item{}, err)
		}
		ended := err == io.EOF
		if text = bytes.TrimSpace(text); len(text) > 0 {
			item, err := parse(text, keys)
			if long {
				item, err = audit.Item{}, errLong
			}
			if err != nil {
				grumble(number, err)
			}
			if item.Source = source; !yield(item, nil) {
				return false
			}
		}
		if ended {
			return true
		}
	}
}

// sealedBytes is the length of a page that is sealed.
const sealedBytes = 792

// parse reads a line.  With an error the item is none.
func parse(text []byte, keys logKeys) (audit.Item, error) {
	var l line
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return audit.Item{}, err
	}
	switch {
	case !ended(d):
		return audit.Item{}, errors.New("more than one object in a line")
	case (l.Receipt == nil) == (l.Page == nil):
		return audit.Item{}, errors.New(`want either "receipt" or "page"`)
	case l.Page != nil && l.Certificates != nil:
		return audit.Item{}, errors.New(`"certificates" go with a receipt`)
	case l.Receipt != nil:
		item := audit.Item{Kind: audit.KindReceipt, Object: l.Receipt}
		for _, c := range l.Certificates {
			item.Certificates = append(item.Certificates, c)
		}
		return item, nil
	case len(l.Page) != sealedBytes:
		return audit.Item{Kind: audit.KindPage, Object: l.Page}, nil
	}
	lock, err := credential.ParseLockID(l.Lock)
	if err != nil {
		return audit.Item{Kind: audit.KindPage}, fmt.Errorf(`a sealed page needs "lock": %w`, err)
	}
	page, err := keys[lock].Open(l.Page)
	if err != nil {
		return audit.Item{Kind: audit.KindPage}, err
	}
	return audit.Item{Kind: audit.KindPage, Object: page}, nil
}

// ended reports whether nothing follows the value that was read.
func ended(d *json.Decoder) bool {
	_, err := d.Token()
	return err == io.EOF
}
