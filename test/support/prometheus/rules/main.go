// Judges alerting rules as Prometheus does, by its own parser and query engine: what would be said of a server's
// metrics, and when. It builds in a quarter of the time that promtool takes.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/template"
	"github.com/prometheus/prometheus/util/annotations"
)

type question struct {
	// The text of a rule file.
	Rules string
	// Further queries, asked at the last scrape.
	Queries []string
	// What the server answered, in the order of time; nothing where it did not answer.
	Scrapes []scrape
	// What Prometheus adds to each sample.
	Labels map[string]string
}

type scrape struct {
	// In seconds since 1970.
	At      int64
	Metrics string
}

type firing struct {
	Alert       string            `json:"alert"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	// In seconds since 1970.
	Since int64 `json:"since"`
}

type found struct {
	Query   string   `json:"query"`
	Error   string   `json:"error,omitempty"`
	Metrics []string `json:"metrics"`
	Series  int      `json:"series"`
}

type answer struct {
	Errors []string `json:"errors"`
	// At the last scrape.
	Firing  []firing `json:"firing"`
	Queries []found  `json:"queries"`
}

var expressions = parser.NewParser(parser.Options{})

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	var asked question
	if err := json.NewDecoder(in).Decode(&asked); err != nil {
		return err
	}
	told := answer{Errors: []string{}, Firing: []firing{}, Queries: []found{}}
	groups, errs := rulefmt.Parse([]byte(asked.Rules), false, model.UTF8Validation, expressions, slog.Default())
	for _, err := range errs {
		told.Errors = append(told.Errors, err.Error())
	}
	server, err := collect(asked)
	if err != nil {
		return err
	}
	if len(errs) == 0 {
		for _, group := range groups.Groups {
			for _, rule := range group.Rules {
				fired, err := server.evaluate(rule)
				if err != nil {
					return err
				}
				told.Firing = append(told.Firing, fired...)
			}
		}
	}
	for _, query := range asked.Queries {
		told.Queries = append(told.Queries, server.ask(query))
	}
	return json.NewEncoder(out).Encode(told)
}

type server struct {
	engine *promql.Engine
	times  []time.Time
	series map[string][]promql.FPoint
	labels map[string]labels.Labels
}

func collect(asked question) (*server, error) {
	engine := promql.NewEngine(promql.EngineOpts{
		MaxSamples: 1e6, Timeout: time.Minute, EnableAtModifier: true, Parser: expressions,
	})
	known := &server{engine: engine, series: map[string][]promql.FPoint{}, labels: map[string]labels.Labels{}}
	for _, each := range asked.Scrapes {
		at := time.Unix(each.At, 0)
		known.times = append(known.times, at)
		options := textparse.ParserOptions{FallbackContentType: "text/plain"}
		text, err := textparse.New([]byte(each.Metrics), "text/plain", nil, options)
		if err != nil {
			return nil, err
		}
		for {
			entry, err := text.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, err
			}
			if entry != textparse.EntrySeries {
				continue
			}
			var own labels.Labels
			text.Labels(&own)
			builder := labels.NewBuilder(own)
			for name, value := range asked.Labels {
				builder.Set(name, value)
			}
			all := builder.Labels()
			key := all.String()
			known.labels[key] = all
			_, _, value := text.Series()
			known.series[key] = append(known.series[key], promql.FPoint{T: at.UnixMilli(), F: value})
		}
	}
	return known, nil
}

// Alerts as Prometheus has them: active since the expression first gave them, firing when that is long enough ago.
func (s *server) evaluate(rule rulefmt.Rule) ([]firing, error) {
	since := map[string]time.Time{}
	last := []firing{}
	for _, at := range s.times {
		result, err := s.query(rule.Expr, at)
		if err != nil {
			return nil, err
		}
		active := map[string]time.Time{}
		last = last[:0]
		for _, sample := range result {
			own := labels.NewBuilder(sample.Metric).Del(labels.MetricName).Labels()
			key := own.String()
			active[key] = at
			if begun, ok := since[key]; ok {
				active[key] = begun
			}
			if at.Sub(active[key]) < time.Duration(rule.For) {
				continue
			}
			texts, err := expand(rule, own.Map(), sample, at)
			if err != nil {
				return nil, err
			}
			all := own.Map()
			for name, value := range rule.Labels {
				all[name] = value
			}
			last = append(last, firing{rule.Alert, all, texts, active[key].Unix()})
		}
		since = active
	}
	return slices.Clone(last), nil
}

func expand(rule rulefmt.Rule, own map[string]string, sample promql.Sample, at time.Time) (map[string]string, error) {
	expanded := map[string]string{}
	for name, text := range rule.Annotations {
		data := template.AlertTemplateData(own, map[string]string{}, "", sample)
		defs := "{{$labels := .Labels}}{{$value := .Value}}"
		expander := template.NewTemplateExpander(
			context.Background(), defs+text, rule.Alert, data, model.TimeFromUnix(at.Unix()), nil, &url.URL{}, nil,
		)
		result, err := expander.Expand()
		if err != nil {
			return nil, err
		}
		expanded[name] = result
	}
	return expanded, nil
}

func (s *server) ask(text string) found {
	told := found{Query: text, Metrics: []string{}}
	expression, err := expressions.ParseExpr(text)
	if err != nil {
		told.Error = err.Error()
		return told
	}
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			told.Metrics = append(told.Metrics, selector.Name)
		}
		return nil
	})
	if len(s.times) == 0 {
		return told
	}
	result, err := s.query(text, s.times[len(s.times)-1])
	if err != nil {
		told.Error = err.Error()
	}
	told.Series = len(result)
	return told
}

func (s *server) query(text string, at time.Time) (promql.Vector, error) {
	query, err := s.engine.NewInstantQuery(context.Background(), s.storage(), nil, text, at)
	if err != nil {
		return nil, err
	}
	defer query.Close()
	result := query.Exec(context.Background())
	if result.Err != nil {
		return nil, result.Err
	}
	if scalar, err := result.Scalar(); err == nil {
		return promql.Vector{{T: scalar.T, F: scalar.V}}, nil
	}
	vector, err := result.Vector()
	return slices.Clone(vector), err
}

func (s *server) storage() storage.Queryable {
	return &storage.MockQueryable{MockQuerier: &storage.MockQuerier{
		SelectMockFunction: func(_ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
			set := &seriesSet{}
			for key, own := range s.labels {
				fits := !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(own.Get(m.Name)) })
				if !fits {
					continue
				}
				set.all = append(set.all, promql.NewStorageSeries(promql.Series{Metric: own, Floats: s.series[key]}))
			}
			return set
		},
	}}
}

type seriesSet struct {
	all  []storage.Series
	next int
}

func (s *seriesSet) Next() bool {
	s.next++
	return s.next <= len(s.all)
}

func (s *seriesSet) At() storage.Series { return s.all[s.next-1] }

func (*seriesSet) Err() error { return nil }

func (*seriesSet) Warnings() annotations.Annotations { return nil }
