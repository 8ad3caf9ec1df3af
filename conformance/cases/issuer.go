package cases

// Issuer is the issuer under test.
type Issuer struct{ t *T }
