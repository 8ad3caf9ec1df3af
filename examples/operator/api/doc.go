// Package api holds the bodies of the operator's HTTP interface, as
// service/openapi.yaml describes them, for the service and for its clients, also
// those that are compiled for a browser.
package api
