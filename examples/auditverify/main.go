// Command auditverify checks an audit trail that moderation.WriteAudit has written.
//
//	auditverify -in audit.jsonl [-head 1042:9f86d081…] [-head …]
//
// It finds every changed byte, every line that was taken out, put in or moved. That the end was cut off, or that all was
// written anew with hashes that fit, only the heads tell that were kept elsewhere: give as many as there are. It prints the
// trail's head and exits with 1 where the trail is not what was written.
//
//	auditverify -sqlite engawa.db -tenant main [-head …]
//
// checks the trail of a tenant in its database, and that the reports, evidence, rulings and policies of which it speaks are
// still what they were.
package main

import (
	"bufio"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/moderationstore"
	"github.com/engawa-sns/engawa/directory"
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
	file := flags.String("sqlite", "", "a SQLite database to check, with -tenant, in the place of a file of lines")
	tenant := flags.String("tenant", "", "the tenant whose trail it is")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *file != "" {
		head, err := stored(*file, engawa.TenantID(*tenant), kept)
		if err != nil {
			return err
		}
		return report(stdout, head, kept)
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
	return report(stdout, head, kept)
}

func report(stdout io.Writer, head moderation.Head, kept []moderation.Head) error {
	if len(kept) == 0 {
		fmt.Fprintln(stdout, "no head was given: a tail that was cut off would not be noticed")
	}
	_, err := fmt.Fprintf(stdout, "%d:%s\n", head.N, head.Hash)
	return err
}

// stored checks trail and rows in a database.
func stored(path string, tenant engawa.TenantID, kept []moderation.Head) (head moderation.Head, err error) {
	if _, err := os.Stat(path); err != nil {
		return head, err // the driver would make a new one
	}
	pool, err := sql.Open("sqlite", bunstore.SQLiteDSN(path))
	if err != nil {
		return head, err
	}
	defer pool.Close()
	db, err := bunstore.New(bunstore.Config{DB: pool, Dialect: bunstore.SQLite})
	if err != nil {
		return head, err
	}
	nobody, err := directory.New(directory.Chart{Tenant: tenant}) // nothing here asks who stands where
	if err != nil {
		return head, err
	}
	s, err := moderation.New(moderation.Config{Store: moderationstore.New(db), Directory: nobody})
	if err != nil {
		return head, err
	}
	ctx, system := context.Background(), engawa.System(tenant)
	if head, err = s.VerifyAudit(ctx, system, kept...); err != nil {
		return head, err
	}
	return head, s.VerifyRecords(ctx, system)
}
