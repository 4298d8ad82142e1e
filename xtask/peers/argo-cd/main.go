// Program argocd is what of Argo CD a test runs: the application controller and the repository server, each by its name as the
// first argument.
//
// Argo CD cannot be had by `go install`, since its go.mod has replacements, which ours repeats. Its own main package holds every
// program of it, the API server and the command line among them, and takes a third longer to build than these two.
//
// 3.2.11 is the newest that builds. 3.2.12 does not compile: controller/cache/info.go calls settings.ValidateExternalURL, which this
// release does not have. From 3.3 to 3.5 gitops-engine is a folder of Argo CD's repository whose state at a release is no module
// version of its own, and 3.6 needs Go 1.27.
package main

import (
	"fmt"
	"os"

	controller "github.com/argoproj/argo-cd/v3/cmd/argocd-application-controller/commands"
	repositoryserver "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
	"github.com/spf13/cobra"
)

var programs = map[string]func() *cobra.Command{
	"application-controller": controller.NewCommand,
	"repo-server":            repositoryserver.NewCommand,
}

func main() {
	name := ""
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	program, known := programs[name]
	if !known {
		fmt.Fprintf(os.Stderr, "argocd: the first argument is no program: %q\n", name)
		os.Exit(2)
	}
	command := program()
	command.SetArgs(os.Args[2:])
	if err := command.Execute(); err != nil {
		os.Exit(1)
	}
}
