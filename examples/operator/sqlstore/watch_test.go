package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// Watch lets note see every statement of the store from now on, with its
// arguments.
func Watch(s *Store, dsn string, note func(query string, args []any)) {
	write, read := dsn, dsn
	if !IsPostgres(dsn) {
		write, read = sqliteNames(dsn)
	}
	again := func(db *sql.DB, name string) *sql.DB {
		return sql.OpenDB(watchedConnector{db.Driver(), name, note})
	}
	old := *s.inner
	s.inner.write, s.inner.read = again(old.write, write), again(old.read, read)
	if err := old.close(); err != nil {
		panic(err)
	}
}

type watchedConnector struct {
	driver driver.Driver
	name   string
	note   func(string, []any)
}

func (c watchedConnector) Driver() driver.Driver { return c.driver }

func (c watchedConnector) Connect(context.Context) (driver.Conn, error) {
	conn, err := c.driver.Open(c.name)
	return watchedConn{conn, c.note}, err
}

// watchedConn is a connection of either driver.
type watchedConn struct {
	driver.Conn
	note func(string, []any)
}

func (c watchedConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
}

func (c watchedConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.Conn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func (c watchedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.note(query, values(args))
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c watchedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.note(query, values(args))
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

func values(args []driver.NamedValue) []any {
	var all []any
	for _, a := range args {
		all = append(all, a.Value)
	}
	return all
}
