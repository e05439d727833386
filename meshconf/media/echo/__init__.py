"""What an echo canceller needs to know: which sound of the loudspeaker belongs to which sound of the microphone.

far_end     what was played, beside each block that was heard
drift       how fast one card's clock runs by the other's, from times that are not exact
"""
