// Lists the Go types that client-go's scheme decodes objects into, as rows of kubernetes_types.tsv.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	extv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	kubescheme "k8s.io/client-go/kubernetes/scheme"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

var (
	unmarshaler = reflect.TypeFor[json.Unmarshaler]()
	ids         = map[reflect.Type]int{}
	queue       []reflect.Type
)

func named(kind string, t reflect.Type) string {
	if t.PkgPath() == "" {
		return kind
	}
	return kind + "=" + t.String()
}

func expression(t reflect.Type) string {
	if t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(unmarshaler) {
		return "@" + t.String()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + expression(t.Elem())
	case reflect.Struct:
		id, ok := ids[t]
		if !ok {
			id = len(ids)
			ids[t] = id
			queue = append(queue, t)
		}
		return fmt.Sprintf("#%d", id)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return named("bytes", t)
		}
		if t.PkgPath() != "" {
			return "[" + t.String() + "]" + expression(t.Elem())
		}
		return "[]" + expression(t.Elem())
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			panic(t)
		}
		if t.PkgPath() != "" {
			return "{" + t.String() + "}" + expression(t.Elem())
		}
		return "{:" + t.Key().String() + "}" + expression(t.Elem())
	case reflect.Interface:
		return "any"
	default:
		return named(t.Kind().String(), t)
	}
}

type field struct{ name, embedded, expression string }

// fields flattens embedded structs as encoding/json does; the scheme has no names that shadow each other.
func fields(t reflect.Type, embedded string) []field {
	var all []field
	for i := range t.NumField() {
		f := t.Field(i)
		tag, has := f.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		if tag == "-" || !f.IsExported() {
			continue
		}
		if strings.Contains(options, "string") {
			panic(f.Name)
		}
		if f.Anonymous && name == "" {
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				panic(f.Name)
			}
			all = append(all, fields(inner, embedded+f.Name+".")...)
			continue
		}
		if !has || name == "" {
			name = f.Name
		}
		all = append(all, field{name, strings.TrimSuffix(embedded, "."), expression(f.Type)})
	}
	return all
}

func main() {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{kubescheme.AddToScheme, extv1.AddToScheme, apiregistrationv1.AddToScheme} {
		if err := add(scheme); err != nil {
			panic(err)
		}
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	known := scheme.AllKnownTypes()
	var kinds []string
	byName := map[string]reflect.Type{}
	for gvk, t := range known {
		if gvk.Version == "__internal" {
			continue
		}
		name := gvk.GroupVersion().String() + "\t" + gvk.Kind
		kinds = append(kinds, name)
		byName[name] = t
	}
	sort.Strings(kinds)
	for _, name := range kinds {
		fmt.Fprintf(out, "kind\t%s\t%s\n", name, expression(byName[name]))
	}
	for next := 0; next < len(queue); next++ {
		t := queue[next]
		fmt.Fprintf(out, "struct\t%s\n", t.String())
		for _, f := range fields(t, "") {
			if f.embedded == "" {
				fmt.Fprintf(out, "%s\t%s\n", f.name, f.expression)
			} else {
				fmt.Fprintf(out, "%s\t%s\t%s\n", f.name, f.expression, f.embedded)
			}
		}
	}
}
