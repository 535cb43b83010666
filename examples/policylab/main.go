// Command policylab runs a policy over your own history and says what it would have done.
//
//	go run ./examples/policylab -in history.jsonl [-policy policy.yaml] [-out decisions.jsonl]
//
// Each input line is a JSON object; everything but id and text may be left out:
//
//	{"id": "1", "text": "…", "at": "2026-04-01T09:00:00+09:00", "author": {"id": "p1", "rank": 5},
//	 "targets": [{"id": "p2", "name": "山本", "rank": 1, "same_line": true}], "audience": 40, "space": "open", "reply": false,
//	 "label": "harm"}
//
// Each output line says what the policy decides, where, why, and what to write instead. The last line on stdout is a JSON summary:
// counts by outcome, nanoseconds per post (reading and writing files left out), the share that is not allowed and, where labels
// are given, precision, recall and F1 of "not allow" against "harm".
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/engawa-sns/engawa/moderation"
)

func main() {
	in := flag.String("in", "", "history, one JSON object a line")
	policy := flag.String("policy", "", "policy file; the default policy in Japanese without one")
	out := flag.String("out", "", "where to write decisions, one JSON object a line")
	flag.Parse()
	if err := run(*in, *policy, *out, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "policylab:", err)
		os.Exit(1)
	}
}

// decision is an output line.
type decision struct {
	ID         string             `json:"id"`
	Outcome    moderation.Outcome `json:"outcome"`
	Rules      []string           `json:"rules"`
	Spans      []moderation.Span  `json:"spans"`
	Why        moderation.Text    `json:"why"`
	Suggestion moderation.Text    `json:"suggestion"`
}

// summary is the last line on stdout.
type summary struct {
	N         int            `json:"n"`
	Outcomes  map[string]int `json:"outcomes"`
	NsPerPost int64          `json:"ns_per_post"`
	Flagged   float64        `json:"flagged_rate"`
	Precision *float64       `json:"precision,omitempty"`
	Recall    *float64       `json:"recall,omitempty"`
	F1        *float64       `json:"f1,omitempty"`
}

func run(in, policyFile, out string, stdout io.Writer) error {
	if in == "" {
		return errors.New("-in is missing: name a JSONL file with one post a line")
	}
	p, err := load(policyFile)
	if err != nil {
		return err
	}
	file, err := os.Open(in)
	if err != nil {
		return err
	}
	defer file.Close()
	var (
		w    *bufio.Writer
		sink *os.File
	)
	if out != "" {
		if sink, err = os.Create(out); err != nil {
			return err
		}
		defer sink.Close()
		w = bufio.NewWriter(sink)
	}
	s, err := decideAll(p, file, w)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	if w != nil {
		if err := errors.Join(w.Flush(), sink.Close()); err != nil {
			return err
		}
	}
	return json.NewEncoder(stdout).Encode(s)
}

func load(file string) (*moderation.Policy, error) {
	if file == "" {
		return moderation.Default("ja")
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Size() > moderation.MaxPolicy {
		return nil, fmt.Errorf("%s:1:1: policy has %d bytes and may have %d: keep the rules and words that matter", file, info.Size(), moderation.MaxPolicy)
	}
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return moderation.Load(file, src)
}

func decideAll(p *moderation.Policy, in io.Reader, w *bufio.Writer) (summary, error) {
	var (
		x       = p.Extractor()
		scratch moderation.Scratch
		f       moderation.Facts
		spent   time.Duration
		tally   moderation.Agreement
		flagged int
		s       = summary{Outcomes: map[string]int{}}
	)
	for post, err := range moderation.ReadHistory(in) {
		if err != nil {
			return s, err
		}
		start := time.Now()
		if err := x.Into(&scratch, &post.Draft, &f); err != nil {
			return s, fmt.Errorf("post %q: %w", post.ID, err)
		}
		d := moderation.Decide(p, &f)
		spent += time.Since(start)
		s.N++
		s.Outcomes[d.Outcome.String()]++
		if d.Outcome != moderation.Allow {
			flagged++
		}
		tally.Add(post.Label, d.Outcome)
		if w != nil {
			if err := write(w, p, x, &scratch, post, &f); err != nil {
				return s, err
			}
		}
	}
	if s.N > 0 {
		s.NsPerPost = spent.Nanoseconds() / int64(s.N)
		s.Flagged = float64(flagged) / float64(s.N)
	}
	if tally.N() > 0 {
		precision, recall, f1 := tally.Precision().Value, tally.Recall().Value, tally.F1()
		s.Precision, s.Recall, s.F1 = &precision, &recall, &f1
	}
	return s, nil
}

func write(w *bufio.Writer, p *moderation.Policy, x *moderation.Extractor, scratch *moderation.Scratch, post moderation.Post, f *moderation.Facts) error {
	e := moderation.Explain(p, f)
	d := decision{ID: post.ID, Outcome: e.Outcome, Rules: []string{}, Spans: []moderation.Span{}, Why: e.Why}
	for _, r := range e.Rules {
		d.Rules = append(d.Rules, r.ID)
	}
	d.Spans = append(d.Spans, e.Spans...)
	if s, ok := moderation.Suggest(p, x, scratch, &post.Draft, f); ok {
		d.Suggestion = s.Text
	}
	line, err := json.Marshal(d)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
