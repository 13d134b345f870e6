package pg

// Gathering returns how many changes of one statement lead others or wait for them.
func (db *DB) Gathering() int { return db.gatherer.gathered.Asked() }

// Listing returns how many different pages are read or waited for, and by how many callers.
func (db *DB) Listing() (pages, callers int) { return db.listings.Asked() }

// Gathering returns how many callers read rows that are not cached, or wait for that.
func (r *Rows[T]) Gathering() int { return r.gathered.Asked() }
