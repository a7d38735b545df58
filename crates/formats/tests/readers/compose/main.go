// Reads cases from standard input with the real compose-go.
//
// In: a JSON list of {"text", "environment"}. Out: a JSON list of {"values", "refused"}: what Compose
// has, or, where it refuses the file, what it had by then.
package main

import (
	"encoding/json"
	"log"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

type testCase struct {
	Text        string            `json:"text"`
	Environment map[string]string `json:"environment"`
}

type result struct {
	Values  map[string]string `json:"values"`
	Refused bool              `json:"refused"`
}

func main() {
	var cases []testCase
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		log.Fatal(err)
	}
	results := make([]result, 0, len(cases))
	for _, c := range cases {
		lookup := func(name string) (string, bool) {
			value, found := c.Environment[name]
			return value, found
		}
		values, err := dotenv.ParseWithLookup(strings.NewReader(c.Text), lookup)
		results = append(results, result{values, err != nil})
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		log.Fatal(err)
	}
}
