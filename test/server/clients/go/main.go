// Command client runs statements through gosnowflake: a job as JSON on stdin, a report as JSON on stdout.
package main

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	sf "github.com/snowflakedb/gosnowflake"
)

type job struct {
	Connection connection  `json:"connection"`
	Statements []statement `json:"statements"`
}

type connection struct {
	Host       string `json:"host"`
	Port       int    `json:"port"`
	Account    string `json:"account"`
	User       string `json:"user"`
	Password   string `json:"password"`
	PrivateKey string `json:"private_key"`
	Token      string `json:"token"`
	Role       string `json:"role"`
	Warehouse  string `json:"warehouse"`
	Database   string `json:"database"`
	Schema     string `json:"schema"`
}

type statement struct {
	SQL   string   `json:"sql"`
	Binds []string `json:"binds"`
}

type failure struct {
	Number   int    `json:"number"`
	SQLState string `json:"sqlState"`
	Message  string `json:"message"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var todo job
	if err := json.NewDecoder(os.Stdin).Decode(&todo); err != nil {
		return err
	}
	config, err := configure(todo.Connection)
	if err != nil {
		return err
	}
	database := sql.OpenDB(sf.NewConnector(sf.SnowflakeDriver{}, *config))
	defer database.Close()
	// One connection, so that all statements share a session.
	database.SetMaxOpenConns(1)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := database.PingContext(ctx); err != nil {
		described, unknown := describe(err)
		if unknown != nil {
			return unknown
		}
		return report(map[string]any{"loginError": described})
	}
	outcomes := []map[string]any{}
	for _, one := range todo.Statements {
		rows, err := query(ctx, database, one)
		if err != nil {
			described, unknown := describe(err)
			if unknown != nil {
				return unknown
			}
			outcomes = append(outcomes, map[string]any{"error": described})
			continue
		}
		outcomes = append(outcomes, map[string]any{"rows": rows})
	}
	return report(map[string]any{"outcomes": outcomes})
}

func configure(from connection) (*sf.Config, error) {
	config := &sf.Config{
		Host: from.Host, Port: from.Port, Protocol: "http", Account: from.Account, User: from.User,
		Role: from.Role, Warehouse: from.Warehouse, Database: from.Database, Schema: from.Schema,
		// The limit for a log-in holds only together with the one for each request.
		LoginTimeout: 20 * time.Second, ClientTimeout: 20 * time.Second,
	}
	switch {
	case from.PrivateKey != "":
		key, err := parseKey(from.PrivateKey)
		if err != nil {
			return nil, err
		}
		config.Authenticator, config.PrivateKey = sf.AuthTypeJwt, key
	case from.Token != "":
		config.Authenticator, config.Token = sf.AuthTypePat, from.Token
	default:
		config.Password = from.Password
	}
	return config, nil
}

func parseKey(encoded string) (*rsa.PrivateKey, error) {
	der, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	key, isRsa := parsed.(*rsa.PrivateKey)
	if !isRsa {
		return nil, errors.New("the private key is not an RSA key")
	}
	return key, nil
}

// query returns a statement's rows as text by column.
func query(ctx context.Context, database *sql.DB, one statement) ([]map[string]*string, error) {
	binds := make([]any, len(one.Binds))
	for index, bind := range one.Binds {
		binds[index] = bind
	}
	found, err := database.QueryContext(ctx, one.SQL, binds...)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	names, err := found.Columns()
	if err != nil {
		return nil, err
	}
	rows := []map[string]*string{}
	for found.Next() {
		cells := make([]sql.NullString, len(names))
		targets := make([]any, len(names))
		for index := range cells {
			targets[index] = &cells[index]
		}
		if err := found.Scan(targets...); err != nil {
			return nil, err
		}
		row := map[string]*string{}
		for index, name := range names {
			row[name] = nil
			if cells[index].Valid {
				row[name] = &cells[index].String
			}
		}
		rows = append(rows, row)
	}
	return rows, found.Err()
}

// describe takes a driver's error apart; an error of another kind is handed back.
func describe(err error) (*failure, error) {
	var known *sf.SnowflakeError
	if !errors.As(err, &known) {
		return nil, err
	}
	return &failure{Number: known.Number, SQLState: known.SQLState, Message: known.Error()}, nil
}

func report(said map[string]any) error {
	return json.NewEncoder(os.Stdout).Encode(said)
}
