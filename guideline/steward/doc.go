// Package steward is for those who look after the network (担当者, 窓口): who is on duty, what the one before hands over, and
// one list of what is to be done.
//
// Questions that nobody answers and spaces that nobody looks after are how networks die, and a steward who has to look
// for them in ten places does not find them. So the rooms say what they have through one small interface, [Source], and
// [Service.WorkList] puts it in one order, each item with when it is due and what to do about it.
//
//	d, err := s.SetRota(ctx, steward, steward.Duty{Rota: calendar.Rota[engawa.PersonID]{People: …, Unit: calendar.ByWeek, Start: monday}})
//	on, err := s.OnDuty(ctx, anybody, space, now)      // who is to be asked now, and by which rota
//	list, err := s.WorkList(ctx, steward, steward.Window{})
//	claim, err := s.Claim(ctx, steward, list.Items[0].Key())
//
// # Who is on duty
//
// A rota belongs to a space, or with the zero id to the tenant. [Service.OnDuty] asks that of the space, then that of the
// tenant, then the space's hosts, then [Config].Stewards: whoever comes first. On a day on which the company does not work
// and no rota has anybody, nobody is on duty, and the answer says when somebody is again. Days are those of the company
// calendar and its zone, so a rota by working days counts right across Golden Week, the turn of the year and leap days,
// and on a national holiday on which the company works.
//
// # The list
//
// Each source answers only for what the viewer may see and act on: this package adds no access. A source that fails or
// takes too long becomes an item that says so, and hides none of the others. What is due is counted in the company's
// working time. Two stewards do not do the same thing: who claims an item has it until the claim runs out, and the other
// gets a conflict that says who.
//
// # Caveats
//
// A source is asked for its most urgent items only, so a list that says More is longer than what it shows. Claims are kept
// here alone: the rooms do not know of them.
package steward
