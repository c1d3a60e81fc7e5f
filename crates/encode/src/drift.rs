//! [`Drift`]: by how much sound is played faster or slower to stay in sync with the take's clock.

/// The maximum change of speed: half a percent is inaudible.
const MAX_SPEED_CHANGE: f64 = 0.005;
/// Time over which the jitter of time stamps is averaged, in seconds.
const SMOOTHING_S: f64 = 1.0;
/// The proportional gain of the loop, per second.
const PULL: f64 = 0.5;
/// The integral gain of the loop, per second squared.
const LEARN: f64 = 0.05;

/// A PI control loop: the distance between where sound was captured and where it is placed sets a
/// change of speed that closes the distance. The integral part learns a constant difference of the
/// clocks, so that no distance remains.
#[derive(Debug, Default)]
pub(crate) struct Drift {
    distance_s: f64,
    learnt: f64,
}

impl Drift {
    /// Takes the distance of a block in seconds, positive if sound is placed too early, and the
    /// length of the block. Returns by which fraction to play faster; negative is slower.
    pub(crate) fn follow(&mut self, distance_s: f64, block_s: f64) -> f64 {
        self.distance_s += (distance_s - self.distance_s) * (block_s / SMOOTHING_S).min(1.0);
        self.learnt = (self.learnt + self.distance_s * block_s * LEARN)
            .clamp(-MAX_SPEED_CHANGE, MAX_SPEED_CHANGE);
        // Sound that is placed too early is played too fast: stretch it.
        -(self.distance_s * PULL + self.learnt).clamp(-MAX_SPEED_CHANGE, MAX_SPEED_CHANGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the loop for ten minutes with a device that is off by `drift`, and gives the worst
    /// distance after the first 20 seconds and the worst ever.
    fn run(drift: f64, jitter_s: f64) -> (f64, f64) {
        let (mut control, mut distance_s) = (Drift::default(), 0.0_f64);
        let (mut settled, mut worst) = (0.0_f64, 0.0_f64);
        for block in 0..60_000 {
            let noise = jitter_s * (f64::from(block * 7919 % 1000) / 500.0 - 1.0);
            let faster = control.follow(distance_s + noise, 0.01);
            // Playing faster puts what follows earlier.
            distance_s += 0.01 * (drift + faster);
            worst = worst.max(distance_s.abs());
            if block > 2000 {
                settled = settled.max(distance_s.abs());
            }
        }
        (settled, worst)
    }

    #[test]
    fn a_device_that_is_off_is_followed_without_remainder() {
        for drift in [0.0, 0.000_05, -0.001, 0.003, -0.004] {
            let (settled, worst) = run(drift, 0.005);
            assert!(worst < 0.015, "a drift of {drift} went off by {worst} s");
            assert!(settled < 0.002, "a drift of {drift} stayed off by {settled} s");
        }
    }

    #[test]
    fn half_a_percent_either_way_stays_within_20_ms() {
        for drift in [0.005, -0.005] {
            let (_, worst) = run(drift, 0.0);
            assert!(worst < 0.015, "a drift of {drift} went off by {worst} s");
        }
    }
}
