package pg

// Gathering returns how many changes of one statement lead others or wait for them.
func (db *DB) Gathering() int { return db.gatherer.gathered.Asked() }
