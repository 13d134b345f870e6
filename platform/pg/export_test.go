package pg

// Waiting returns how many changes wait until others were sent.
func (db *DB) Waiting() int {
	db.gatherer.mu.Lock()
	defer db.gatherer.mu.Unlock()
	return len(db.gatherer.waiting)
}

// Leads reports whether a change is under way.
func (db *DB) Leads() bool {
	db.gatherer.mu.Lock()
	defer db.gatherer.mu.Unlock()
	return db.gatherer.busy
}
