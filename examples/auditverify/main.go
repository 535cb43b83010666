// Command auditverify checks an audit trail that moderation.WriteAudit has written.
//
//	auditverify -in audit.jsonl [-head 1042:9f86d081…] [-head …]
//
// It finds every changed byte, every line that was taken out, put in or moved. That the end was cut off, or that all was
// written anew with hashes that fit, only the heads tell that were kept elsewhere: give as many as there are. It prints the
// trail's head and exits with 1 where the trail is not what was written.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/engawa-sns/engawa/moderation"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "auditverify:", err)
		os.Exit(1)
	}
}

func run(args []string, stdin io.Reader, stdout io.Writer) error {
	flags := flag.NewFlagSet("auditverify", flag.ContinueOnError)
	in := flags.String("in", "", "the trail as JSON lines; standard input if it is left out")
	var kept []moderation.Head
	flags.Func("head", "a head that was kept, as number:hash; may be repeated", func(s string) error {
		n, hash, ok := strings.Cut(s, ":")
		number, err := strconv.ParseInt(n, 10, 64)
		if !ok || err != nil || len(hash) != 64 {
			return fmt.Errorf("write it as number:hash, as auditverify prints it")
		}
		kept = append(kept, moderation.Head{N: number, Hash: hash})
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	from := stdin
	if *in != "" {
		f, err := os.Open(*in)
		if err != nil {
			return err
		}
		defer f.Close()
		from = f
	}
	head, err := moderation.VerifyAudit(moderation.ReadAudit(bufio.NewReader(from)), kept...)
	if err != nil {
		return err
	}
	if len(kept) == 0 {
		fmt.Fprintln(stdout, "no head was given: a tail that was cut off would not be noticed")
	}
	_, err = fmt.Fprintf(stdout, "%d:%s\n", head.N, head.Hash)
	return err
}
