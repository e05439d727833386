"""Pure computation on samples and pictures (numpy): stamps, mixing, levels, play-out. No device, network or clock."""
