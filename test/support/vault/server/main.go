// A Vault server for the tests: HashiCorp's own core and handlers, with its storage in memory. It prints one line of
// JSON, serves until its standard input ends, and does so on this machine alone.
package main

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/hashicorp/go-hclog"
	jwt "github.com/hashicorp/vault-plugin-auth-jwt"
	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/builtin/credential/approle"
	aws "github.com/hashicorp/vault/builtin/credential/aws"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/internalshared/configutil"
	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/physical/inmem"
	"github.com/hashicorp/vault/vault"
)

func main() {
	logger := hclog.New(&hclog.LoggerOptions{Output: os.Stderr, Level: hclog.Warn})
	storage, err := inmem.NewInmem(nil, logger)
	must(err)
	core, err := vault.NewCore(&vault.CoreConfig{
		Physical:        storage,
		Logger:          logger,
		DisableMlock:    true,
		BuiltinRegistry: noBuiltins{},
		LogicalBackends: map[string]logical.Factory{"kv": kv.Factory},
		CredentialBackends: map[string]logical.Factory{
			"approle": approle.Factory,
			"aws":     aws.Factory,
			"jwt":     jwt.Factory,
		},
	})
	must(err)
	shares := &vault.SealConfig{SecretShares: 1, SecretThreshold: 1}
	made, err := core.Initialize(context.Background(), &vault.InitParams{BarrierConfig: shares})
	must(err)
	_, err = core.Unseal(made.SecretShares[0])
	must(err)

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"port":      listener.Addr().(*net.TCPAddr).Port,
		"token":     made.RootToken,
		"unsealKey": made.SecretShares[0],
	}))
	handler := vaulthttp.Handler.Handler(&vault.HandlerProperties{Core: core, ListenerConfig: &configutil.Listener{}})
	must(http.ServeTLS(listener, handler, os.Args[1], os.Args[2]))
}

// noBuiltins keeps Vault from its own list of plugins, which would bring all of them into the program.
type noBuiltins struct{}

func (noBuiltins) Contains(string, consts.PluginType) bool { return false }

func (noBuiltins) Get(string, consts.PluginType) (func() (any, error), bool) { return nil, false }

func (noBuiltins) Keys(consts.PluginType) []string { return nil }

func (noBuiltins) DeprecationStatus(string, consts.PluginType) (consts.DeprecationStatus, bool) {
	return consts.Supported, true
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
