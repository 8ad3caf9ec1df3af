package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// dialect is where the two databases differ.
type dialect struct {
	name string
	// schema turns the text of a migration into the dialect.
	schema *strings.Replacer
	// counts says that the database counts parameters itself.  SQLite takes $1 for a
	// name, and searches all names for each.
	counts bool
	// lock holds the rows of a SELECT against other writers.  SQLite has one
	// writer at a time, and needs none.
	lock string
	// one makes migrations wait for each other; SQLite's transaction does.
	one string
	// idle lets a transaction wait for another database, for however long.
	idle string
	// ours tells how many tables there are, and how many of them are the
	// ledger's list of migrations.
	ours string
	// writing and reading are the isolations of transactions.  Where PostgreSQL
	// writes, the rows that a decision rests on are held, and what is read after
	// that is what was committed before.
	writing, reading sql.IsolationLevel
	// fault says what an error of the database means.
	fault func(error) fault
}

// fault is what an error of the database means for the ledger.
type fault int

const (
	faultOther  fault = iota
	faultAgain        // another transaction was in the way; nothing was changed
	faultTag          // a grant with the same tag is there
	faultFull         // the medium is full
	faultAccess       // the file cannot be opened, or not be written
)

var sqliteDialect = &dialect{
	name:   "SQLite",
	schema: strings.NewReplacer(),
	counts: true,
	ours:   `SELECT count(*), count(CASE WHEN name = 'postern_migrations' THEN 1 END) FROM sqlite_master WHERE type = 'table'`,
	fault: func(err error) fault {
		e, ok := errors.AsType[*sqlite.Error](err)
		switch {
		case !ok:
			return faultOther
		case e.Code()&0xff == sqlite3.SQLITE_BUSY:
			return faultAgain
		case e.Code()&0xff == sqlite3.SQLITE_FULL:
			return faultFull
		case e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE: // not of serials, and duties were looked for
			return faultTag
		case e.Code()&0xff == sqlite3.SQLITE_CANTOPEN, e.Code()&0xff == sqlite3.SQLITE_READONLY:
			return faultAccess
		}
		return faultOther
	},
}

var postgresDialect = &dialect{
	name:    "PostgreSQL",
	schema:  strings.NewReplacer("INTEGER", "BIGINT", "BLOB", "BYTEA", ") STRICT;", ");"),
	lock:    " FOR UPDATE",
	writing: sql.LevelReadCommitted, reading: sql.LevelRepeatableRead,
	one:  `SELECT pg_advisory_xact_lock(31647739056321134)`, // "postern" as a number
	idle: `SET LOCAL idle_in_transaction_session_timeout = 0`,
	ours: `SELECT count(*), count(CASE WHEN tablename = 'postern_migrations' THEN 1 END)
		FROM pg_catalog.pg_tables WHERE schemaname = current_schema()`,
	fault: func(err error) fault {
		e, ok := errors.AsType[*pgconn.PgError](err)
		if !ok {
			return faultOther
		}
		switch {
		case e.Code == "40001", e.Code == "40P01": // serialization failure, deadlock
			return faultAgain
		case e.Code == "23505" && e.ConstraintName == "grants_tag_key": // unique violation
			return faultTag
		case e.Code == "53100": // disk full
			return faultFull
		}
		return faultOther
	},
}

// sqliteNames returns what the driver opens: the file for its one writer, and for
// readers, who never wait for the writer.  The writer begins with the lock, so that
// it never has to give up what it read; a commit waits for the disk, since WAL alone
// loses the last ones with the power; and it keeps 20 MB of indexes at hand, since
// duties and tags come in any order.
func sqliteNames(path string) (write, read string) {
	file := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_busy_timeout=1000&_error_rc=1"
	return file + "&_txlock=immediate&_foreign_keys=on&_journal_mode=WAL&_synchronous=FULL" +
		"&_pragma=cache_size(-20000)&_pragma=wal_autocheckpoint(4000)", file + "&_query_only=on&mode=rw"
}

// address is what the address of a database begins with, or has in it, and the name
// of a file hardly; it can have a password, so no error shows it.
var address = regexp.MustCompile(`(?i)^[a-z0-9+]+://|\b(dbname|host|password)\s*=`)

// openSQLite opens the file.
func openSQLite(path string) (*store, error) {
	if address.MatchString(path) {
		return nil, errors.New("sqlstore: no address of a database: say postgres://user@host/name, in small letters, for PostgreSQL, or the name of a file for SQLite")
	}
	if path == "" || strings.HasPrefix(path, ":") || strings.ContainsRune(path, 0) {
		return nil, fmt.Errorf("sqlstore: %q is not the name of a file", path)
	}
	if err := create(path); err != nil {
		return nil, fmt.Errorf("sqlstore: open %s: %w", path, err)
	}
	forWrite, forRead := sqliteNames(path)
	write, err := sql.Open("sqlite", forWrite)
	if err != nil {
		return nil, fmt.Errorf("sqlstore: open %s: %w", path, err)
	}
	read, err := sql.Open("sqlite", forRead)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqlstore: open %s: %w", path, err), write.Close())
	}
	write.SetMaxOpenConns(1)
	read.SetMaxOpenConns(max(2, runtime.GOMAXPROCS(0)))
	return &store{dialect: sqliteDialect, place: path, read: read, write: write}, nil
}

// creating is held by whoever makes a file: to close it ends the locks that anybody in this
// process has on it, so nobody goes on to open it before.
var creating sync.Mutex

// create makes a file that is not there.  SQLite would make one that others can read, and
// gives what lies beside it the mode of the file.  What is wrong with the place, SQLite
// says.  A file that is there stays closed, for the sake of those locks.
func create(path string) error {
	creating.Lock()
	defer creating.Unlock()
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil
	}
	return f.Close()
}

// openPostgres opens a pool of connections.
func openPostgres(dsn string) (*store, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("sqlstore: the address of the database: %w", err)
	}
	// An issuer that hangs in the middle must not hold the counter for ever.
	if _, ok := config.RuntimeParams["idle_in_transaction_session_timeout"]; !ok {
		config.RuntimeParams["idle_in_transaction_session_timeout"] = "30s"
	}
	// A connection is tried before it is used again: one that a server left behind
	// when it was restarted costs no caller an error.
	always := func(context.Context, stdlib.ShouldPingParams) bool { return true }
	db := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(durable), stdlib.OptionShouldPing(always))
	db.SetMaxOpenConns(maxConnections)
	db.SetMaxIdleConns(maxConnections)
	return &store{dialect: postgresDialect, place: config.Database + " at " + config.Host, read: db, write: db}, nil
}

// maxConnections is how many connections one store has to PostgreSQL, which allows
// 100 by default.
const maxConnections = 16

// durable makes a commit wait until it is on the disk, where the server is set to
// answer before.
func durable(ctx context.Context, c *pgx.Conn) error {
	_, err := c.Exec(ctx, `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`)
	return err
}
