package domain

import "time"

// DeviceID identifies a device that has signed in to an account.
type DeviceID int64

// DeviceLife is how long a device is known after it signed in.
const DeviceLife = 180 * 24 * time.Hour

// MostDevices bounds how many devices of a user are known; the ones that were used least lately are forgotten.
const MostDevices = 20

// NetworkLife is how long a network is known after somebody signed in from there.
const NetworkLife = 30 * 24 * time.Hour
