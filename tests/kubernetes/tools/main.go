// Kubernetes' API server, kubectl and Helm 4 in one program that goes by the name it is called with, because they share
// most of their code: compiled and linked once.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"helm.sh/helm/v4/pkg/cmd"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	kubectl "k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	switch name := filepath.Base(os.Args[0]); name {
	case "kube-apiserver":
		os.Exit(cli.Run(app.NewAPIServerCommand()))
	case "kubectl":
		os.Exit(cli.Run(kubectl.NewDefaultKubectlCommand()))
	case "helm4":
		os.Exit(helm())
	default:
		fmt.Fprintf(os.Stderr, "%s is none of kube-apiserver, kubectl, helm4\n", name)
		os.Exit(2)
	}
}

func helm() int {
	root, err := cmd.NewRootCmd(os.Stdout, os.Args[1:], cmd.SetupLogging)
	if err == nil {
		err = root.Execute()
	}
	var known cmd.CommandError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &known):
		return known.ExitCode
	default:
		return 1
	}
}
