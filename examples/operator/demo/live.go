package demo

import (
	"context"
	"crypto/x509"
	"net/http"
)

// Live is the street beside a service.
type Live struct {
	counter counter
	office  office
}

// Live brings the street to life beside a service.  Staff is the address of the
// staff's door, such as https://127.0.0.1:8443, and server its certificate.
func (s *Street) Live(staff string, server *x509.Certificate) (*Live, error) {
	o, err := newOffice(s, staff, server)
	if err != nil {
		return nil, err
	}
	p, err := newPostman(o, staff, server)
	if err != nil {
		return nil, err
	}
	courier, err := newVisitor(s, s.key("courier"))
	if err != nil {
		return nil, err
	}
	return &Live{counter{Street: s, postman: p.walk, courier: courier.bringParcels, fields: map[string]*Field{}}, o}, nil
}

// Place tells the service where the boxes are, before anybody comes.
func (l *Live) Place(ctx context.Context) error { return l.office.place(ctx) }

// Routes returns the street's paths, all below /demo/.
func (l *Live) Routes() http.Handler { return l.counter.routes() }
