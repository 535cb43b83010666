// Package pglisten wakes a relay through PostgreSQL's LISTEN, with the driver pgx.
package pglisten

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// On listens on a channel, the one in bunstore.Config.Notify, for event.Config.Listen. It keeps one connection of the
// pool.
func On(db *sql.DB, channel string) func(ctx context.Context, wake func()) error {
	return func(ctx context.Context, wake func()) error {
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		return conn.Raw(func(driver any) error {
			c, ok := driver.(*stdlib.Conn)
			if !ok {
				return fmt.Errorf("pglisten: the driver is %T: use pgx/stdlib", driver)
			}
			if _, err := c.Conn().Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
				return err
			}
			for {
				if _, err := c.Conn().WaitForNotification(ctx); err != nil {
					return err
				}
				wake()
			}
		})
	}
}
