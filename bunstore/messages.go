package bunstore

import "github.com/engawa-sns/engawa"

var (
	msgBusy = engawa.Message{Code: "database.busy",
		EN: "the database refused the transaction %d times: try again later", JA: "データベースが混み合っています(%d回試行)。しばらくしてからやり直してください"}
	msgRollback = engawa.Message{Code: "database.rollback",
		EN: "the database gave the transaction up: roll back and run it again", JA: "トランザクションが中断されました。ロールバックしてやり直してください"}
	msgNotTransaction = engawa.Message{Code: "database.no_transaction",
		EN: "the handle is in no transaction: pass a *sql.Tx, or a *sql.Conn after BEGIN", JA: "トランザクション中ではありません。*sql.Tx、またはBEGIN後の*sql.Connを渡してください"}
	msgOtherDatabase = engawa.Message{Code: "database.other",
		EN: "the transaction belongs to another database: begin it on the pool that was given to bunstore.New", JA: "別のデータベースのトランザクションです。bunstore.Newに渡したプールで開始してください"}
	msgNotMigrated = engawa.Message{Code: "database.not_migrated",
		EN: "a table is missing: run sns.Migrate(ctx), or apply the output of sns.MigrationSQL()", JA: "テーブルがありません。sns.Migrate(ctx)を実行するか、sns.MigrationSQL()の出力を適用してください"}
	msgBehind = engawa.Message{Code: "database.behind",
		EN: "the tables of %s are at version %d and %d is needed: run sns.Migrate(ctx), or apply the output of sns.MigrationSQL()",
		JA: "%sのテーブルはバージョン%dです。%dが必要です。sns.Migrate(ctx)を実行するか、sns.MigrationSQL()の出力を適用してください"}
	msgAhead = engawa.Message{Code: "database.ahead",
		EN: "the tables of %s are at version %d and this library knows only %d: deploy a newer version of engawa",
		JA: "%sのテーブルはバージョン%dですが、このライブラリは%dまでしか対応していません。新しいengawaを使ってください"}
	msgDialect = engawa.Message{Code: "database.dialect",
		EN: "the database is %s, and Config.Dialect says %s: set it to the right one", JA: "データベースは%sですが、Config.Dialectは%sです。正しい値にしてください"}
	msgSetup = engawa.Message{Code: "database.setup",
		EN: "%s is %s: %s", JA: "%sが%sです: %s"}
)
