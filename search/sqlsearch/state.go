package sqlsearch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// State tells what the tenant's index holds. What was applied survives a crash: a batch is committed when Apply returns.
func (e *Engine) State(ctx context.Context, tenant engawa.TenantID) (search.State, error) {
	var s search.State
	var have int
	var readOnly bool
	err := e.cfg.DB.QueryRowContext(ctx, e.sql.state, encode(string(tenant))).
		Scan(&s.Docs, &s.Watermark, &s.Analyzer, &have, &s.Generation, &readOnly, &s.Bytes)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return search.State{}, nil
	case err != nil:
		return s, fault(err)
	}
	if s.Docs == 0 {
		s.Analyzer = ""
	}
	if have != format {
		s.Rebuild = fmt.Sprintf("it was written in format %d and this is %d", have, format)
	}
	if readOnly {
		s.Trouble = "the database takes no writes: it is a standby, or set to read only"
	}
	return s, nil
}
