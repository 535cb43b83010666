package feedstore

import (
	"context"

	"github.com/engawa-sns/engawa"
)

// forgotten are the rows that go with a person; each statement is told the person's number, and the tenant's.
var forgotten = []string{
	`DELETE FROM {members} WHERE person_id = ? AND tenant_id = ?`,
	`DELETE FROM {homes} WHERE person_id = ? AND tenant_id = ?`,
	`DELETE FROM {follows} WHERE person_id = ? AND tenant_id = ?`,
	`DELETE FROM {follows} WHERE followed_id = ? AND tenant_id = ?`,
	`DELETE FROM {mentions} WHERE person_id = ? AND tenant_id = ?`,
	`DELETE FROM {notice_sends} WHERE notice_id IN (SELECT n.id FROM {notices} AS n WHERE n.person_id = ? AND n.tenant_id = ?)`,
	`DELETE FROM {notice_actors} WHERE notice_id IN (SELECT n.id FROM {notices} AS n WHERE n.person_id = ? AND n.tenant_id = ?)`,
	`DELETE FROM {notices} WHERE person_id = ? AND tenant_id = ?`,
	`DELETE FROM {notice_prefs} WHERE person_id = ? AND tenant_id = ?`,
	`DELETE FROM {notice_people} WHERE person_id = ? AND tenant_id = ?`,
	`DELETE FROM {blocks} WHERE person_id = ? AND tenant_id = ?`,
	`DELETE FROM {blocks} WHERE blocked_id = ? AND tenant_id = ?`,
	`DELETE FROM {mutes} WHERE person_id = ? AND tenant_id = ?`,
	`DELETE FROM {receipt_rules} WHERE person_id = ? AND tenant_id = ?`,
	`DELETE FROM {bookmarks} WHERE person_id = ? AND tenant_id = ?`,
	`DELETE FROM {reminders} WHERE person_id = ? AND tenant_id = ?`,
	`DELETE FROM {watched_threads} WHERE person_id = ? AND tenant_id = ?`,
	`DELETE FROM {watched_tags} WHERE person_id = ? AND tenant_id = ?`,
	`DELETE FROM {claims} WHERE person_id = ? AND tenant_id = ?`,
	`DELETE FROM {duties} WHERE person_id = ? AND tenant_id = ?`,
	`DELETE FROM {duties} WHERE asked_by = ? AND tenant_id = ?`,
	`DELETE FROM {nudges} WHERE person_id = ? AND tenant_id = ?`,
	`DELETE FROM {consents} WHERE pending_id IN (SELECT d.id FROM {pending} AS d WHERE d.author_id = ? AND d.tenant_id = ? AND d.outcome = '')`,
	`DELETE FROM {waiting} WHERE author_id = ? AND tenant_id = ?`,
	`DELETE FROM {pending} WHERE author_id = ? AND tenant_id = ? AND outcome = ''`,
}

func (st *Store) ForgetPerson(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (bool, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return false, err
	}
	var followers []int64
	err = st.s.Rows(ctx, &followers, `SELECT person_id FROM {follows} WHERE followed_id = ? AND tenant_id = ?`, p, t)
	if err != nil {
		return false, err
	}
	if err := st.homeChanged(ctx, t, followers...); err != nil {
		return false, err
	}
	for _, text := range forgotten {
		if _, err := st.s.Exec(ctx, text, p, t); err != nil {
			return false, err
		}
	}
	return st.s.Forget(ctx, t, person)
}
